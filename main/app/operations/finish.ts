import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import {
  finishInstall,
  leftToDo,
  type FinishOutcome,
  type LeftToDo,
} from '../../backup/new-install/finish-install.ts';
import type { PendingInstall } from '../../backup/new-install/pending-install.ts';
import { isThere } from '../../platform/atomic-file.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { readInstall } from '../../trinity/read-install.ts';
import type { Engine } from '../engine.ts';
import { secretsOfEnvironment } from '../logs/redactor.ts';
import { takeUp } from '../new-install/build-install.ts';
import { operation } from '../operation.ts';
import { recordBackup, recordRun } from '../record-run.ts';

const input = z.strictObject({
  /** A database that holds tables already may give way. */
  confirm: z.boolean().default(false),
});

/**
 * Does what is left of an install that was built by a restore, as far as it can be done now: its database, then its agents. Nothing
 * happens, and null is answered, where nothing is left.
 */
export const finish = operation(
  input,
  async (engine, { confirm }, options): Promise<FinishOutcome | null> => {
    const pending = await engine.pendingInstall.read();
    if (pending === undefined) return null;
    await requireBuilt(engine, pending);
    const { vault } = await engine.reading(pending.from);
    const left = pending.left ?? (await leftOfKilled(vault, pending));
    await takeUp(engine, pending);
    const context = {
      ...(await engine.services(vault)),
      readInstall: async () => await readBuilt(engine, pending),
    };
    const { backupId, startQuietly } = pending;
    const request = { backupId, startQuietly, ...left, confirm };
    const outcome = await engine.exclusively(
      'restore',
      options,
      async (watched) =>
        await recordRun(
          engine,
          'restore',
          async () =>
            await finishInstall(context, request, {
              options: watched,
              remember: async (agents) =>
                await engine.pendingInstall.write({
                  ...pending,
                  left: { database: false, agents: [...agents] },
                }),
            }),
          {
            done: async ({ warnings, safetyBackupId }) => {
              if (safetyBackupId !== null) await recordBackup(engine, safetyBackupId);
              return {
                outcome: warnings.length === 0 ? 'succeeded' : 'incomplete',
                backupId,
                failedSources: [],
              };
            },
          },
        ),
    );
    if (outcome.isDone) await engine.pendingInstall.write(undefined);
    return outcome;
  },
);

/** The restore that built it was killed when it was done, before it could say what is left. */
async function leftOfKilled(
  vault: Pick<OpenedVault, 'loadManifest'>,
  { backupId, hasDatabase = false }: PendingInstall,
): Promise<Pick<LeftToDo, 'database' | 'agents'>> {
  const { database, agents } = leftToDo((await vault.loadManifest(backupId)).manifest);
  return { database: database && !hasDatabase, agents };
}

/** The one that was built, also where the home has another. */
async function readBuilt(engine: Engine, pending: PendingInstall): Promise<TrinityInstall> {
  const { settings } = await engine.settings.read();
  const install = await readInstall({ ...pending, volumeAccess: settings.backup.volumeAccess });
  for (const secret of secretsOfEnvironment(install.env)) engine.log.redactor.learnAddress(secret);
  return install;
}

/** A restore that was killed may have been undone: then nothing of it is there. */
async function requireBuilt(engine: Engine, { left, folder }: PendingInstall): Promise<void> {
  if (left !== undefined || (await isThere(`${folder}/.env`))) return;
  await engine.pendingInstall.write(undefined);
  const message = `The new install in ${folder} did not come about. Restore it once more with --new-install.`;
  throw new AppError('not-found', message);
}
