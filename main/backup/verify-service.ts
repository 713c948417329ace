import { AppError } from '../../shared/lib/app-error.ts';
import { assertBackupId } from '../../shared/model/backup-id.ts';
import { cannotBeWritten } from '../storage/storage-error.ts';
import { verifyVault as verify, type VerifyProgress, type VerifyResult } from '../vault/upkeep/verify.ts';
import type { Vault } from '../vault/vault.ts';
import type { Progress, RunOptions, ServiceContext, VerifyOutcome } from './services.ts';

/** How many daily samples read the whole vault: fewer bytes each where they come over a network. */
const sampleParts = { local: 20, away: 100 };

export type VerifyServiceRequest = Readonly<{
  backupId?: string;
  data: 'none' | 'sample' | 'full';
  /** Of a sample: which part of the rotation; whoever counts it up comes round to all data. */
  samplePart?: number;
  /** Of a sample: the last pack that a run of the same part had read when it was cut off. */
  sampleAfter?: string | undefined;
  /** Is told each pack that was read. */
  onPack?: (packId: string) => void;
}>;

/**
 * Checks the vault, or one backup in it, without holding up writers. Samples rotate through all data, and read something of each
 * source. What is damaged goes on the damage list, so that the next backup stores it anew; what was found right again is
 * taken off when nobody writes.
 */
export async function verifyVault(
  context: ServiceContext,
  request: VerifyServiceRequest,
  options: RunOptions,
): Promise<VerifyOutcome> {
  const { backupId } = request;
  if (backupId !== undefined) assertBackupId(backupId);
  const result = await readAll(context, request, options);
  const { ok, checkedBytes, contentBytes, damaged, notes } = result;
  await tidyDamageList(context, result);
  return { ok, checkedBytes, contentBytes, damaged, ...(notes === undefined ? {} : { notes }) };
}

async function readAll(
  context: ServiceContext,
  { backupId, data, samplePart = 0, sampleAfter, onPack }: VerifyServiceRequest,
  { signal, onProgress }: RunOptions,
): Promise<VerifyResult> {
  const { vault } = context;
  await using reader = await vault.openReader('verify');
  return await verify({
    storage: vault.storage,
    ring: vault.ring,
    manifests: vault.manifests,
    inventory: reader.packs,
    reader: reader.chunks,
    openListing: async (root) => await reader.openListing(root),
    ...(backupId === undefined ? {} : { backupIds: [backupId] }),
    data: data === 'sample' ? { part: samplePart, parts: partsOf(vault), after: sampleAfter } : data,
    onPack,
    signal,
    onProgress: (progress) => onProgress?.(progressOf(progress)),
  });
}

function progressOf(progress: VerifyProgress): Progress {
  const shown = { done: progress.doneBytes, unit: 'bytes', detail: '' } as const;
  return progress.reading === 'packs'
    ? { ...shown, phase: 'reading what is stored', total: progress.totalBytes }
    : { ...shown, phase: 'comparing files', total: undefined };
}

function partsOf({ storage }: Vault): number {
  return storage.isLocal ? sampleParts.local : sampleParts.away;
}

/** Under the writer lock; a vault that is busy or read-only keeps its list until the next verify, which costs some stored bytes at most. */
async function tidyDamageList(
  context: ServiceContext,
  { healed, isListRebuilt }: Pick<VerifyResult, 'healed' | 'isListRebuilt'>,
): Promise<void> {
  const isAnyHealed = [...healed.chunks].length > 0 || [...healed.packs].length > 0;
  if (!isAnyHealed && !isListRebuilt) return;
  try {
    await using writer = await context.vault.openWriter('verify');
    await writer.damage.remove(healed);
    if (isListRebuilt) await writer.damage.rewrite();
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'busy') && !cannotBeWritten(error)) throw error;
  }
}
