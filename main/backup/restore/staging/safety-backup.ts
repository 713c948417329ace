import { z } from 'zod';
import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { Swap } from '../../../components/component-handler.ts';
import type { ExcludeRules } from '../../../vault/capture/capture.ts';
import { createBackup } from '../../run/backup-service.ts';
import type { RestoreRun, StagedRestore } from '../restore-run.ts';
import { statPlace } from './safe-place.ts';

const goOn = 'It can be restored without one (--no-safety-backup).';
const saveYourself =
  'Volumes that are younger than the backup would be lost: make them readable, or copy them away and remove them, then try again.';
const excludeFact = z.array(z.string());

/**
 * Backs up exactly what the restore replaces, as it is now: with the rules by which live paths stay, so that whatever goes is in
 * it. Returns its id, or null when nothing of it is live. Nothing is pruned here, so the backup being restored cannot go. Rejects
 * when something cannot be read: then the operator has to say that he goes on without. Without `staged` only `more` is backed up.
 */
export async function makeSafetyBackup(
  run: RestoreRun,
  staged: StagedRestore | undefined,
  more: readonly string[],
): Promise<string | null> {
  const selection = new Map<string, ExcludeRules>();
  for (const source of staged === undefined ? [] : run.selection.sources) {
    if (staged !== undefined && isLive(source, staged))
      selection.set(sourceText(source), excludeFact.safeParse(source.facts['exclude']).data ?? []);
  }
  for (const key of more) if (!selection.has(key)) selection.set(key, []);
  if (selection.size === 0) return null;
  const components = [...new Set([...selection.keys()].map((key) => key.split('/')[0] ?? key))];
  const note = `Before the restore of ${run.manifest.backupId}`;
  const request = { trigger: 'pre_migration', only: components, note } as const;
  const { context, options } = run;
  const into = { ...context, vault: context.safetyVault ?? context.vault };
  const advice = staged === undefined ? saveYourself : goOn;
  const details = staged === undefined ? {} : { noSafetyBackup: true };
  const outcome = await guarded(
    async () => await createBackup(into, request, options, selection),
    (message, cause) =>
      new AppError('failed', `${message} Nothing was changed. ${advice}`, { cause, details }),
  );
  if (!outcome.incomplete) return outcome.backupId;
  const [first] = outcome.warnings.filter(({ code }) => code === 'source-failed');
  throw new AppError(
    'failed',
    `The safety backup is incomplete: ${first?.message ?? 'a part failed.'} Nothing was changed. ${advice}`,
    { details },
  );
}

async function guarded<T>(
  make: () => Promise<T>,
  failed: (message: string, cause: unknown) => AppError,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof AppError && (error.kind === 'busy' || error.kind === 'cancelled')) throw error;
    throw failed(`The safety backup failed: ${messageOf(error)}`, error);
  }
}

/** Whether anything of a source is there to be saved. */
function isLive(source: ManifestSource, { groups, groupOf, liveFolders, ...staged }: StagedRestore): boolean {
  const key = sourceText(source);
  if (staged.databases.some((database) => database.source === key && database.hasLive)) return true;
  if ([...staged.byHelper, ...staged.helperFiles].some((one) => one.hasLive && keyOf(one.source) === key))
    return true;
  const folder = liveFolders.get(key);
  if (folder !== undefined) return statPlace(folder) !== undefined;
  const swaps: readonly Swap[] = groups[groupOf.get(key) ?? -1] ?? [];
  return swaps.some(({ live }) => statPlace(live) !== undefined);
}

function keyOf(source: string | ManifestSource): string {
  return typeof source === 'string' ? source : sourceText(source);
}
