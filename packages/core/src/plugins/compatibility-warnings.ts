import type { FoundPlugin } from './found-plugin.js';
import { findPackageDirectory, runningCore } from './package-json.js';
import { updateCommandLine, updatePackage } from './update-command.js';
import { isNewer, satisfiesRange } from './version-range.js';

/**
 * What may go wrong with a plugin before it is imported: it asks for another version of `@draft/core`, or it
 * would get another copy of it (and with it another tensor engine).
 */
export const compatibilityWarnings = (
  plugin: FoundPlugin,
  core: { readonly version: string; readonly directory: string } = runningCore(),
): readonly string[] => {
  const { name, version, directory, corePeer } = plugin.package;
  const warnings: string[] = [];
  if (corePeer !== undefined && satisfiesRange(core.version, corePeer) === false) {
    const command = isNewer(corePeer, core.version) ? updateCommandLine : updatePackage(name);
    warnings.push(
      `${name} ${version} asks for @draft/core ${corePeer}, but ${core.version} is running: ${command}`,
    );
  }
  const own = findPackageDirectory('@draft/core', directory);
  if (own !== undefined && core.directory !== '' && own !== core.directory) {
    warnings.push(
      `${name} uses another copy of @draft/core (${own}) than the command line (${core.directory}): npm dedupe makes them one.`,
    );
  }
  return warnings;
};
