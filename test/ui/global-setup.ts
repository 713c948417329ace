import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { rendererConfig } from '../../build/renderer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built pages. */
    pagesFolder: string;
  }
}

/** Builds the pages once for a run of the ui tier. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trinity-pages-'));
  await build(rendererConfig(folder));
  project.provide('pagesFolder', path.join(folder, 'renderer'));
  return async () => await rm(folder, { recursive: true, force: true });
}
