import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { leftToDo } from '../../backup/new-install/finish-install.ts';
import { databaseNotYet } from '../../components/postgres-source.ts';
import type { RestoreOutcome, RestoreRequest } from '../../backup/services.ts';
import type { Engine } from '../engine.ts';
import { setUp } from '../settings/set-up.ts';
import type { PendingInstall } from '../../backup/new-install/pending-install.ts';

type NewInstall = Extract<RestoreRequest['destination'], { way: 'new-install' }>;

/** Builds a new install; the home remembers before and after what is left of it, and takes it up if it has no other. */
export async function buildInstall(
  engine: Engine,
  {
    backupId,
    startQuietly,
    from,
    destination,
  }: Readonly<{
    backupId: string;
    startQuietly: boolean | undefined;
    from: string | undefined;
    destination: NewInstall;
  }>,
  build: () => Promise<RestoreOutcome>,
): Promise<RestoreOutcome> {
  const { folder, volumesRoot, dockerHost } = destination;
  const begun: PendingInstall = { backupId, from, folder, volumesRoot, dockerHost, startQuietly };
  const before = await engine.pendingInstall.read();
  await engine.pendingInstall.write(begun);
  let outcome: RestoreOutcome;
  try {
    outcome = await build();
  } catch (error) {
    await engine.pendingInstall.write(before);
    throw error;
  }
  try {
    await settle(engine, begun, outcome);
  } catch (error) {
    throw new AppError(
      'failed',
      `Everything was restored into ${folder}, but this home could not take it up: ${messageOf(error)} ` +
        `Name it with install --path ${folder}.`,
      { cause: error, details: { isDone: true } },
    );
  }
  return outcome;
}

/** Notes what is left to do, and whose install it is from now on. */
async function settle(engine: Engine, begun: PendingInstall, outcome: RestoreOutcome): Promise<void> {
  const { backupId, from } = begun;
  const { vault } = await engine.reading(from);
  const { agents } = leftToDo((await vault.loadManifest(backupId)).manifest, outcome.restored);
  const database = outcome.warnings.some(({ code }) => code === databaseNotYet);
  const isLeft = database || agents.length > 0;
  await engine.pendingInstall.write(
    isLeft ? { ...begun, left: { database, agents: [...agents] } } : undefined,
  );
  await takeUp(engine, begun);
}

/** Under a new id: its backups must not count for, or prune, those of the install that it was restored from. */
export async function takeUp(
  engine: Engine,
  { folder, volumesRoot, dockerHost }: Pick<PendingInstall, 'folder' | 'volumesRoot' | 'dockerHost'>,
): Promise<void> {
  await engine.settings.change((settings) => {
    if (settings.install !== undefined) return settings;
    const installId = randomBytes(16).toString('hex');
    return setUp(settings, {
      install: {
        installId,
        folder,
        ...(volumesRoot === undefined ? {} : { volumesRoot }),
        ...(dockerHost === undefined ? {} : { dockerHost }),
      },
    });
  });
}
