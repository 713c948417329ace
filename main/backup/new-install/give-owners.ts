import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { databaseSourceFacts } from '../../components/persistence-handler.ts';
import { VolumeHelpers } from '../../trinity/helper/volume-helpers.ts';
import type { RestoreRun, StagedRestore } from '../restore/restore-run.ts';
import { placeText } from '../restore/staging/safe-place.ts';
import type { Build } from './begin-build.ts';

type Owned = Readonly<{ path: Buffer; mode: number; uid: number; gid: number }>;

const answer = z.object({ given: z.number().int().nonnegative() });

/**
 * Gives the files of a new install that was built by a user other than root the owners and modes that they had, by a container. False where
 * none can: then they belong to that user, which has been told.
 */
export async function giveOwners(run: RestoreRun, build: Build, staged: StagedRestore): Promise<boolean> {
  const { engine, folder } = build;
  if (engine === undefined || process.getuid?.() === 0) return false;
  try {
    await using helpers = new VolumeHelpers({ host: engine.host });
    const target = { kind: 'bind', source: folder, containers: [] } as const;
    await using helper = await helpers.openToWrite([{ target, at: '/tree' }], run.options.signal);
    const lines = linesOf(owned(run, build, staged));
    await helper.askWithLines(['owners', '/tree'], { lines, answer }, run.options.signal);
    return true;
  } catch (error) {
    // An empty engine has no image that could do it.
    if (error instanceof AppError) return false;
    throw error;
  }
}

async function* linesOf(entries: AsyncIterable<Owned>): AsyncGenerator<string> {
  for await (const { path: bytes, uid, gid, mode } of entries)
    yield `${JSON.stringify([bytes.toString('latin1'), uid, gid, mode])}\n`;
}

/** What was written in the folder itself, by its path there. Volumes have their owners by then. */
async function* owned(
  { selection, reader }: RestoreRun,
  build: Build,
  { liveFolders }: StagedRestore,
): AsyncGenerator<Owned> {
  for (const source of selection.sources) {
    if (source.listing === undefined) continue;
    if (source.component === 'persistence') {
      const { databaseFile } = build.install;
      const at = databaseFile === undefined ? undefined : placeIn(build, databaseFile);
      if (at !== undefined && source.facts['kind'] !== 'postgres')
        yield { path: Buffer.from(at), ...databaseSourceFacts(source).file };
      continue;
    }
    const live = liveFolders.get(sourceText(source));
    const at = live === undefined ? undefined : placeIn(build, placeText(live));
    if (at === undefined) continue;
    for await (const { path: below, stat } of (await reader.openListing(source.listing)).entries()) {
      const { mode, uid, gid } = stat;
      yield { path: joined(at, below), mode, uid, gid };
    }
  }
}

function joined(at: string, below: Buffer): Buffer {
  const parts = [Buffer.from(at), below].filter((part) => part.length > 0);
  return parts.length === 2 ? Buffer.concat([Buffer.from(`${at}/`), below]) : (parts[0] ?? Buffer.alloc(0));
}

/** Relative to the new install; undefined for what is not in it. */
function placeIn({ skeleton }: Build, place: string): string | undefined {
  const relative = path.relative(skeleton, place);
  return relative === '..' || relative.startsWith('../') || path.isAbsolute(relative) ? undefined : relative;
}
