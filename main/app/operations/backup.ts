import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { createBackup } from '../../backup/backup-service.ts';
import { startBackupAhead } from '../../backup/start-ahead.ts';
import type { BackupOutcome, ServiceContext } from '../../backup/services.ts';
import { collectWhenDue } from '../collect-when-due.ts';
import { type Engine, requireInstall } from '../engine.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { isAttempt, recordRun } from '../record-run.ts';

const names = z.array(z.string().max(255)).max(10_000);

/** One backup, recorded in the history however it ends; then what it made superfluous goes. */
export const backup = operation(
  z.strictObject({
    only: names.optional(),
    agents: names.optional(),
    note: z.string().max(2000).optional(),
    compress: z.boolean().optional(),
  }),
  async (engine, { only, agents, note, compress }, options): Promise<BackupOutcome> => {
    const request = {
      trigger: 'manual' as const,
      ...(only === undefined ? {} : { only }),
      ...(agents === undefined ? {} : { agents }),
      ...(note === undefined ? {} : { note }),
      ...(compress === undefined ? {} : { compress }),
    };
    await requireSetUp(engine);
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
        done: async (outcome) => ({
          outcome: outcome.incomplete ? 'incomplete' : 'succeeded',
          backupId: outcome.backupId,
          failedSources: await failedSources(await engine.services(), outcome.backupId),
        }),
        isAttempt: (error) => installIsGone || isOverlap(error) || isAttempt(error),
      });
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

async function requireSetUp(engine: Engine): Promise<void> {
  const { settings } = await engine.settings.read();
  requireInstall(settings);
  if (settings.backup.path === undefined) await engine.vault();
}

/** Vault and install overlap: every backup fails until one of them moves. */
function isOverlap(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'refused';
}

async function failedSources({ vault }: ServiceContext, backupId: string): Promise<readonly string[]> {
  const { manifest } = await vault.loadManifest(backupId);
  return manifest.sources.filter(({ state }) => state === 'failed').map((source) => sourceText(source));
}
