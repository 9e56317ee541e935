import type { PluginKind } from './plugin-kind.js';

/** The package that a plugin came in, as read from its package.json. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  /** Real path. */
  readonly directory: string;
  /** The range of `@draft/core` that it asks for as a peer; absent where it asks for none. */
  readonly corePeer?: string;
}

/**
 * Whether a package was asked for by name or path, was found from the project (the working folder upward), or came with the
 * command line.
 */
export type PluginOrigin = 'requested' | 'project' | 'bundled';

/** A plugin that a manifest announces. Nothing of it has been imported. */
export interface FoundPlugin {
  readonly kind: PluginKind;
  /** The name that users type. Empty for a module given by its path, which names itself. */
  readonly id: string;
  readonly summary: string;
  /** Real path of the module; for a checkpoint, of its folder. */
  readonly path: string;
  /** The module's export that is the plugin, where the manifest says so. */
  readonly exportName?: string;
  /** How `draft check` is to test it, as the manifest says under `check`; not looked at here. */
  readonly check?: unknown;
  /** For a checkpoint: the module that exports its prompts and recommended settings. */
  readonly settings?: string;
  readonly package: PluginPackage;
  readonly origin: PluginOrigin;
}

/** A package, or one of its plugins, that can not be used. */
export interface BrokenPlugin {
  /** The package's name, or its folder where it has none. */
  readonly package: string;
  readonly directory: string;
  /** One sentence. */
  readonly reason: string;
}

/** All that discovery found. */
export interface PluginCatalogue {
  /** By kind, then by name. */
  readonly plugins: readonly FoundPlugin[];
  readonly broken: readonly BrokenPlugin[];
  /** The `node_modules` folders that were looked into. */
  readonly searched: readonly string[];
}
