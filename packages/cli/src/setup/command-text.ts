const plain = /^[\w@%+=:,./#-]+$/;

/** Arguments as a person would type them into a shell. */
export const commandText = (args: readonly string[]): string =>
  ['npx @draft/cli', ...args.map((arg) => (plain.test(arg) ? arg : `'${arg.replace(/'/g, "'\\''")}'`))].join(
    ' ',
  );
