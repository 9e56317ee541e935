/** What to type where the command line is older than a plugin that it is to work with. */
export const updateCommandLine = 'npm i @draft/cli@latest @draft/core@latest';

const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** What to type where a plugin's package, which is installed, is older than the command line. */
export const updatePackage = (name: string): string =>
  packageName.test(name) ? `npm i ${name}@latest` : 'update it';
