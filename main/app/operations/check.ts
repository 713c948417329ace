import { z } from 'zod';
import { collectGarbage } from '../../backup/collect-service.ts';
import type { DrillOutcome } from '../../backup/drill/drill.ts';
import { type DrillPlan, planDrill } from '../../backup/drill/plan-drill.ts';
import type { VerifyOutcome } from '../../backup/services.ts';
import { verifyVault } from '../../backup/verify-service.ts';
import type { RunOutcome } from '../../../shared/model/history.ts';
import type { CollectResult } from '../../vault/upkeep/collect.ts';
import type { Engine } from '../engine.ts';
import { operation } from '../operation.ts';
import type { UpkeepState } from '../upkeep/upkeep-state.ts';
import { sourceName } from '../status/source-name.ts';
import { recordRun } from '../record-run.ts';
import { withDamage } from '../upkeep/damaged-backups.ts';
import { drillSpeed, planText, rehearseByHand } from '../upkeep/drill-runs.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

const id = z.string().max(64);

/** Checks the vault, or what one backup needs, as deep as asked; recorded in the history. */
export const verify = operation(
  z.strictObject({ backupId: id.optional(), data: z.enum(['none', 'sample', 'full']), from: id.optional() }),
  async (engine, { backupId, data, from }, options): Promise<VerifyOutcome> => {
    if (backupId !== undefined) assertBackupId(backupId);
    const context = await engine.services(from === undefined ? undefined : await engine.copies.open(from));
    // The samples of a copy go along with those of the vault itself.
    const isCounted = data === 'sample' && backupId === undefined && from === undefined;
    const { nextSamplePart, sampleAfter } = await engine.upkeep.read(context.vault.id);
    let lastPack: string | undefined;
    const request = {
      data,
      samplePart: nextSamplePart,
      ...(isCounted ? { sampleAfter, onPack: (packId: string) => (lastPack = packId) } : {}),
      ...(backupId === undefined ? {} : { backupId }),
    };
    const outcome = await recordRun(
      engine,
      from === undefined ? 'verify' : 'verify-copy',
      async () =>
        await engine.watched(
          { what: 'verify' },
          options,
          async (watched) => {
            try {
              return await verifyVault(context, request, watched);
            } finally {
              // However it ends: only one that is done goes on to the next part.
              await rememberPlace(engine, context.vault.id, lastPack);
            }
          },
          endOf,
        ),
      {
        done: (found) => ({
          ...endOf(found),
          bytes: found.checkedBytes,
          failedSources: [...new Set(found.damaged.flatMap(({ sources }) => sources))],
        }),
      },
    );
    if (from === undefined)
      await changeIfPossible(engine, context.vault.id, (state) =>
        withDamage(state, { backupId, data }, outcome.damaged),
      );
    if (isCounted) await countSample(engine, context.vault.id);
    return outcome;
  },
);

function endOf({ ok, damaged }: VerifyOutcome): Readonly<{ outcome: RunOutcome; message?: string }> {
  return ok ? { outcome: 'succeeded' } : { outcome: 'failed', message: damageText(damaged) };
}

/** The next sample reads the next part, from its beginning. */
async function countSample(engine: Engine, vaultId: string): Promise<void> {
  const lastSampleMs = engine.now();
  await changeIfPossible(engine, vaultId, ({ sampleAfter: _done, ...state }) => ({
    ...state,
    nextSamplePart: state.nextSamplePart + 1,
    lastSampleMs,
  }));
}

/** A sample that gave way goes on behind the last pack that it read. */
async function rememberPlace(
  engine: Engine,
  vaultId: string,
  sampleAfter: string | undefined,
): Promise<void> {
  if (sampleAfter === undefined) return;
  await changeIfPossible(engine, vaultId, (state) => ({ ...state, sampleAfter }));
}

async function changeIfPossible(
  engine: Engine,
  vaultId: string,
  apply: (state: UpkeepState) => UpkeepState,
): Promise<void> {
  try {
    await engine.upkeep.change(vaultId, apply);
  } catch (error) {
    // What was read is read; a home that cannot be written has the same part read again.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

/** What is damaged, in one sentence. */
export function damageText(damaged: VerifyOutcome['damaged']): string {
  const backups = [...new Set(damaged.flatMap((damage) => damage.backups))];
  const sources = [...new Set(damaged.flatMap((damage) => damage.sources))];
  if (backups.length === 0) {
    return `${countOf(damaged.length, 'object')} of the vault that no backup needs ${damaged.length === 1 ? 'is' : 'are'} damaged.`;
  }
  const are = backups.length === 1 ? 'backup is' : 'backups are';
  const names = sources.map((source) => sourceName(source, []));
  const parts = names.length === 0 ? '' : `: ${names.join(', ')} cannot be restored whole`;
  return `${String(backups.length)} ${are} damaged${parts}.`;
}

/** A rehearsal: what of a backup, or of the newest of each source, was restored to a scratch place, checked and thrown away. */
export const drill = operation(
  z.strictObject({ backupId: id.optional(), from: id.optional() }),
  async (engine, { backupId, from }, options): Promise<DrillOutcome> => {
    engine.entitlements.require('backup', 'drills');
    if (backupId !== undefined) assertBackupId(backupId);
    return await rehearseByHand(engine, { backupId, from }, options);
  },
);

/** What such a rehearsal would restore, and the space, time and download that it takes. */
export const drillPlan = operation(
  z.strictObject({ backupId: id.optional(), from: id.optional() }),
  async (engine, { backupId, from }, options): Promise<DrillPlan & Readonly<{ words: string }>> => {
    engine.entitlements.require('backup', 'drills');
    if (backupId !== undefined) assertBackupId(backupId);
    const context = await engine.services(from === undefined ? undefined : await engine.copies.open(from));
    const request = {
      bytesPerMs: await drillSpeed(engine),
      ...(backupId === undefined ? {} : { backupId }),
    };
    const { plan } = await planDrill(context, request, options);
    return { ...plan, words: planText(plan) };
  },
);

/** Deletes what no backup needs any more, in two runs. */
export const collect = operation(
  z.strictObject({}),
  async (engine, _input, options): Promise<CollectResult> =>
    await engine.exclusively('change', options, async (watched) =>
      collectGarbage(await engine.services(), watched),
    ),
);
