import type { TestProject } from 'vitest/node';
import { startSwift } from './swift.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the Swift that all tests of a run share. */
    swiftEndpoint: string;
  }
}

/** One Swift for a run of the s3 tier; each test has a bucket of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const swift = await startSwift();
  project.provide('swiftEndpoint', swift.endpoint);
  return async () => await swift[Symbol.asyncDispose]();
}
