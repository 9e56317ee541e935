/** Seconds of all processors that this process has used. They do not depend on what else the machine is doing. */
export const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
