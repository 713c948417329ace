import { lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { countOf } from '../../../../shared/lib/size-text.ts';
import { assertBackupId } from '../../../../shared/model/backup-id.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { DrillFinding, DrillSource } from '../../../backup/drill/drill-plan.ts';
import { planDrill, type PlannedDrill } from '../../../backup/drill/plan-drill.ts';
import { openScratch } from '../../../backup/scratch.ts';
import type { ServiceContext } from '../../../backup/services.ts';
import { restoreTree } from '../../../vault/restore/restore-tree.ts';
import { operation, type OperationOptions } from '../../operation.ts';
import { rehearsePart } from '../../upkeep/drill-runs.ts';

/** Of what is beside database and configuration: somebody sits before it. The rest is for the rehearsals of the schedule. */
const mostBytes = 2e9;
const mostComparedBytes = 16 * 1024 * 1024;

export type Proof = Readonly<{
  backupId: string;
  ok: boolean;
  /** What to say of it: one sentence. */
  words: string;
  /** A file that was compared with the live one, byte by byte. */
  file: Readonly<{ path: string; bytes: number }> | null;
  proven: readonly string[];
  failed: readonly DrillFinding[];
  skipped: readonly DrillFinding[];
  restoredBytes: number;
}>;

/**
 * The proof that a first backup restores: database, configuration and as much else as goes quickly are restored to a scratch place and
 * checked, and one file is compared with the live one. It is a restore, so no edition is asked.
 */
export const prove = operation(
  z.strictObject({ backupId: z.string().max(64) }),
  async (engine, { backupId }, options): Promise<Proof> => {
    assertBackupId(backupId);
    const context = await engine.services();
    const planned = await planDrill(context, { backupId }, options);
    const outcome = await rehearsePart(engine, quickPart(planned), options);
    const { proven, restoredBytes } = outcome;
    // What does not open is told by the rehearsal.
    const compared: Compared =
      outcome.failed.length > 0 ? { isSame: true, file: null } : await compareOne(context, backupId, options);
    const failed = [...outcome.failed, ...(compared.isSame ? [] : [differs(compared.file.path)])];
    const ok = failed.length === 0 && proven.length > 0;
    const skipped = [...outcome.skipped, ...later(planned, proven, outcome.failed)];
    const words = wordsOf({ ok, failed, skipped });
    return { backupId, ok, words, file: compared.file, proven, failed, skipped, restoredBytes };
  },
);

/** Database and configuration, and of the others the smallest, as long as they go quickly. */
function quickPart({ plan, chosen }: PlannedDrill): PlannedDrill {
  const isAlways = ({ source }: DrillSource): boolean =>
    source.component === 'persistence' || source.component === 'config';
  const others = chosen.filter((each) => !isAlways(each)).toSorted((a, b) => a.bytes - b.bytes);
  let bytes = 0;
  const quick = others.filter((each) => {
    bytes += each.bytes;
    return bytes <= mostBytes;
  });
  const part = [...chosen.filter((each) => isAlways(each)), ...quick];
  const partBytes = part.reduce((sum, each) => sum + each.bytes, 0);
  return { plan: { ...plan, bytes: partBytes }, chosen: part };
}

function later(
  { chosen }: PlannedDrill,
  proven: readonly string[],
  failed: readonly DrillFinding[],
): readonly DrillFinding[] {
  const done = new Set([...proven, ...failed.map(({ source }) => source)]);
  return chosen
    .map(({ source }) => sourceText(source))
    .filter((source) => !done.has(source))
    .map((source) => ({ source, message: 'It is large: rehearsals of the schedule restore it.' }));
}

function wordsOf({ ok, failed, skipped }: Pick<Proof, 'ok' | 'failed' | 'skipped'>): string {
  const [first] = failed;
  if (first !== undefined) return `${first.source} did not come back as it was: ${first.message}`;
  if (!ok) return skipped[0]?.message ?? 'There was nothing to restore.';
  const rest = skipped.length === 0 ? '' : ` ${countOf(skipped.length, 'source')} will be rehearsed later.`;
  return `Proven: your backup restores.${rest}`;
}

function differs(file: string): DrillFinding {
  return { source: 'config', message: `${file} differs from the live file.` };
}

type Compared =
  | Readonly<{ isSame: true; file: Proof['file'] }>
  | Readonly<{ isSame: false; file: NonNullable<Proof['file']> }>;

/** Restores the configuration, and compares the first file of it that nobody has touched since with the live one. */
async function compareOne(
  { vault, home, installSettings }: ServiceContext,
  backupId: string,
  { signal }: OperationOptions,
): Promise<Compared> {
  const { manifest } = await vault.loadManifest(backupId);
  const config = manifest.sources.find(
    ({ component, state }) => component === 'config' && state === 'complete',
  );
  // Without configuration the database is the proof.
  if (config?.listing === undefined) return { isSame: true, file: null };
  await using reader = await vault.openReader('drill');
  await using scratch = await openScratch(home);
  const target = path.join(scratch.folder, 'config');
  await mkdir(target, { mode: 0o700 });
  const listing = await reader.openListing(config.listing);
  await restoreTree({
    listing,
    reader: reader.chunks,
    target,
    exactMetadata: true,
    signal,
    onProgress: () => undefined,
  });
  for (const name of (await readdir(target)).toSorted()) {
    const pair = { back: path.join(target, name), live: path.join(installSettings.folder, name) };
    if (!(await isUntouched(pair))) continue;
    const [back, live] = [await readFile(pair.back), await readFile(pair.live)];
    return { isSame: back.equals(live), file: { path: pair.live, bytes: live.length } };
  }
  return { isSame: true, file: null };
}

/** Both are files of one size and time: what differs then is not the operator's doing. */
async function isUntouched({ back, live }: Readonly<{ back: string; live: string }>): Promise<boolean> {
  try {
    const [one, other] = [await lstat(back), await lstat(live)];
    const isSmall = one.size > 0 && one.size <= mostComparedBytes;
    return (
      one.isFile() && other.isFile() && isSmall && one.size === other.size && one.mtimeMs === other.mtimeMs
    );
  } catch {
    // Gone by now, or not to be read: another file is looked for.
    return false;
  }
}
