import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { trigger } from '../../../shared/model/trigger.ts';
import { createBackup } from '../../backup/run/backup-service.ts';
import { requireForLocation } from '../../backup/entitlements/off-host.ts';
import { startBackupAhead } from '../../backup/run/start-ahead.ts';
import type { BackupOutcome } from '../../backup/services.ts';
import { parseLocation } from '../../storage/location.ts';
import { collectWhenDue } from '../collect-when-due.ts';
import type { Engine } from '../engine.ts';
import { requireInstall } from '../home/home-install.ts';
import { runOfManifest } from '../history/manifest-run.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { isAttempt, recordRun } from '../record-run.ts';
import { scheduleSettings } from '../schedule/schedule-settings.ts';

const names = z.array(z.string().max(255)).max(10_000);

/** One backup, recorded in the history however it ends; then what it made superfluous goes. */
export const backup = operation(
  z.strictObject({
    only: names.optional(),
    agents: names.optional(),
    note: z.string().max(2000).optional(),
    compress: z.boolean().optional(),
    /** Left out: somebody asked for it. */
    trigger: trigger.exclude(['pre_migration']).optional(),
  }),
  async (engine, asked, options): Promise<BackupOutcome> => {
    const { only, agents, note, compress } = asked;
    const request = {
      trigger: asked.trigger ?? 'manual',
      ...(only === undefined ? {} : { only }),
      ...(agents === undefined ? {} : { agents }),
      ...(note === undefined ? {} : { note }),
      ...(compress === undefined ? {} : { compress }),
    };
    await requireSetUp(engine);
    await requireEntitled(engine);
    const work = async (watched: OperationOptions): Promise<BackupOutcome> => {
      using parts = new DisposableStack();
      parts.use(startBackupAhead());
      let installIsGone = false;
      const run = async (): Promise<BackupOutcome> => {
        const context = await engine.services();
        try {
          await context.readInstall();
        } catch (error) {
          installIsGone = true;
          throw error;
        }
        return await createBackup(context, request, watched);
      };
      const outcome = await recordRun(engine, 'backup', run, {
        trigger: request.trigger,
        done: async ({ backupId }) => {
          const { vault } = await engine.services();
          return runOfManifest((await vault.loadManifest(backupId)).manifest);
        },
        isAttempt: (error) => installIsGone || isOverlap(error) || isAttempt(error),
      });
      if (only === undefined && agents === undefined) await noteSuccess(engine, outcome);
      // The time at the end is short.
      if (request.trigger === 'shutdown') return outcome;
      const { warnings, notes } = await collectWhenDue(engine, await engine.services(), watched);
      return {
        ...outcome,
        warnings: [...outcome.warnings, ...warnings],
        notes: [...outcome.notes, ...notes],
      };
    };
    const label = { what: 'backup', trigger: request.trigger } as const;
    return await engine.exclusively(label, options, work, ({ incomplete, backupId }) => ({
      outcome: incomplete ? 'incomplete' : 'succeeded',
      backupId,
    }));
  },
);

/** A whole, good backup moves the next run of the schedule. */
async function noteSuccess(engine: Engine, { incomplete, timestamp }: BackupOutcome): Promise<void> {
  if (incomplete) return;
  const { settings } = await engine.settings.read();
  const { intervalMs } = scheduleSettings(settings, engine.entitlements);
  (await engine.schedule()).noteSuccess(Date.parse(timestamp), engine.now(), intervalMs);
}

async function requireSetUp(engine: Engine): Promise<void> {
  const { settings } = await engine.settings.read();
  requireInstall(settings);
  if (settings.backup.path === undefined) await engine.vault();
}

async function requireEntitled(engine: Engine): Promise<void> {
  const { settings } = await engine.settings.read();
  if (settings.backup.path !== undefined)
    requireForLocation(engine.entitlements, parseLocation(settings.backup.path));
}

/** Vault and install overlap: every backup fails until one of them moves. */
function isOverlap(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'refused';
}
