import fs from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { ChunkNumbers } from '../../main/vault/capture/content/chunk-numbers.ts';
import { makeContentContext } from '../../main/vault/capture/content/content-context.ts';
import { EntryCapture } from '../../main/vault/capture/walk/entry-capture.ts';
import { compileExclude } from '../../main/vault/capture/walk/exclude.ts';
import { FindingList } from '../../main/vault/capture/finding-list.ts';
import { openFolderAt } from '../../main/vault/capture/walk/open-folder.ts';
import { ThreadLink } from '../../main/vault/capture/thread/thread-link.ts';
import { TreeWalk } from '../../main/vault/capture/walk/tree-walk.ts';
import type { Entry } from '../../main/vault/listing/entry.ts';
import { toEntry } from '../../main/vault/listing/entry-object.ts';
import { RawEntry } from '../../main/vault/listing/raw-entry.ts';
import { captureKeys, neverRacyNs } from './capture.ts';

export type Walked = Readonly<{
  /** By path. */
  entries: ReadonlyMap<string, Entry>;
  /** `code path`. */
  warnings: readonly string[];
  notes: readonly string[];
}>;

/** Walks a small tree in this thread, where a test can stand between two calls of the system. Content goes nowhere. */
export function walkHere(root: string): Walked {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => {
    port1.close();
    port2.close();
  });
  const link = new ThreadLink(port1, new Int32Array(new SharedArrayBuffer(8)));
  const counts = {
    entries: 0,
    files: 0,
    bytes: 0,
    filesRead: 0,
    bytesRead: 0,
    excludedFiles: 0,
    excludedBytes: 0,
  };
  const numbers = new ChunkNumbers(new Uint32Array());
  const context = makeContentContext({ link, numbers, counts, previous: undefined }, captureKeys.current);
  const warnings = new FindingList('more');
  const notes = new FindingList('more');
  const entries = new Map<string, Entry>();
  const output = {
    add: (raw: RawEntry): void => {
      entries.set(raw.copyPath().toString(), toEntry(raw));
    },
  };
  const walk = new TreeWalk({
    entry: new RawEntry(),
    taker: new EntryCapture({
      context,
      counts,
      output,
      warnings,
      racyFromNs: neverRacyNs,
      nowNs: 0n,
      findPrevious: () => undefined,
    }),
    exclude: compileExclude([]),
    only: undefined,
    follow: new Set(),
    counts,
    warnings,
    notes,
    onPath: () => {},
  });
  walk.run(openFolderAt(root));
  return { entries, warnings: textOf(warnings), notes: textOf(notes) };
}

function textOf(list: FindingList): readonly string[] {
  return list.finish().map(({ code, path }) => `${code} ${String(path)}`);
}

/** Descriptors that this process holds open. */
export function openDescriptors(): number {
  return fs.readdirSync('/proc/self/fd').length;
}
