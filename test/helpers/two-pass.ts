import { captureInTwoPasses } from '../../main/vault/capture/two-pass/capture-in-two-passes.ts';
import type { TwoPassRequest, TwoPassResult } from '../../main/vault/capture/two-pass/two-pass.ts';
import type { ChunkReader, ChunkWriter } from '../../main/vault/chunks/chunk-store.ts';
import { captureKeys, neverRacyNs } from './capture.ts';
import { oneGibibyte } from './record-capture.ts';
import { tempFolder } from './temp-folder.ts';

type More = Partial<TwoPassRequest> & Readonly<{ change?: () => void }>;

export type TwoPasses = Readonly<{ result: TwoPassResult; calls: readonly string[]; folder: string }>;

/** Copies a folder in two passes, with everything in memory; `change` happens between them. */
export async function captureTwice(
  root: string,
  chunks: ChunkReader & ChunkWriter,
  { change = () => undefined, ...more }: More = {},
): Promise<TwoPasses> {
  const calls: string[] = [];
  const folder = await tempFolder();
  const result = await captureInTwoPasses({
    tree: { kind: 'folder', root, exclude: [] },
    racyFromNs: neverRacyNs,
    compress: true,
    vault: chunks,
    keys: captureKeys,
    folder,
    mostSpoolBytes: oneGibibyte,
    signal: new AbortController().signal,
    freeze: async () => {
      calls.push('freeze');
      change();
      await Promise.resolve();
    },
    resume: async () => {
      calls.push('resume');
      return await Promise.resolve({ wasFrozen: true });
    },
    ...more,
  });
  return { result, calls, folder };
}
