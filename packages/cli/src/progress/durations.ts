/** A duration in seconds for people: `45 s`, `3 min 20 s`, `2 h 5 min`. */
export const durationText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** Bytes for people: `17 kB`, `812 MB`, `3.4 GB`; at least 1 kB of whatever is there. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1e6) return `${Math.max(Math.round(bytes / 1e3), Math.sign(bytes))} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
};
