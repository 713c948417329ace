import type { TestProject } from 'vitest/node';
import { startEngine } from './engine.ts';
import { rootArchive } from './root-cache.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the engine that all tests of a run share. */
    engineFolder: string;
  }
}

/** One engine for a run of the docker tier: starting it for each file would cost more than the tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Here, where no limit of a test ends it.
  await rootArchive('postgres');
  const engine = await startEngine();
  project.provide('engineFolder', engine.place.folder);
  return engine.remove;
}
