import { type NetworkSpec, type OpenNetwork, openNetwork, openWeightFolder, type Runtime } from '@draft/core';

/** Where a component stands, and how it is built. */
export interface ComponentSpec<Network> extends NetworkSpec<Network> {
  readonly folder: string;
  /** Name of its weights' file, without variant and ending. */
  readonly stem: string;
}

/**
 * Opens a component's files and compares them with what its network needs.
 * @throws DraftError as `openWeightFolder` and `openNetwork` do.
 */
export const openComponent = <Network>(
  { folder, stem, ...spec }: ComponentSpec<Network>,
  runtime: Runtime,
): OpenNetwork<Network> => openNetwork(openWeightFolder(folder, stem), spec, runtime);
