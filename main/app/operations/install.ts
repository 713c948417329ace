import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';
import type { HomeSettings, InstallSettings } from '../../../shared/model/settings.ts';
import { assertVaultApart } from '../../backup/apart.ts';
import { parseLocation } from '../../storage/location.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { readInstall } from '../../trinity/read-install.ts';
import type { Engine } from '../engine.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { volumesRootProblem } from '../volumes-root.ts';
import { setUp } from '../settings/set-up.ts';
import { findInstall } from './install/find-install.ts';
import { installReport, type InstallReport } from './install/install-report.ts';

const folder = z.string().startsWith('/').max(4096);

export const installQuestion = z.strictObject({
  folder: folder.optional(),
  volumesRoot: folder.optional(),
  dockerHost: z.string().min(1).max(4096).optional(),
  /** A backup of the install that this one goes on with. */
  continues: z.string().max(64).optional(),
  lookIn: z.array(folder).max(32),
  /** Where the user who asks has Docker. */
  docker: z.strictObject({ env: z.record(z.string(), z.string().max(4096)), home: z.string().max(4096) }),
});

/** Sets the install of this home after checking it; what is not named is found through Docker, then in the usual places. */
export const install = operation(installQuestion, async (engine, input, options): Promise<InstallReport> => {
  const { chosen, report } = await looked(engine, input, options);
  await engine.settings.change((before) => setUp(before, { install: chosen }));
  return report;
});

/** The same, and sets nothing. */
export const installLook = operation(
  installQuestion,
  async (engine, input, options): Promise<InstallReport> => (await looked(engine, input, options)).report,
);

type Looked = Readonly<{ chosen: InstallSettings; report: InstallReport }>;

async function looked(
  engine: Engine,
  input: z.infer<typeof installQuestion>,
  options: OperationOptions,
): Promise<Looked> {
  const { settings } = await engine.settings.read();
  const givenRoot = input.volumesRoot ?? chosenBefore(settings, input.folder);
  const found = await findInstall({ ...input, volumesRoot: givenRoot }, options.signal);
  const volumesRoot = givenRoot ?? (found.engine === undefined ? await usualVolumesRoot() : undefined);
  const dockerHost = found.engine?.engine.host;
  const { volumeAccess } = settings.backup;
  const read = await readInstall(
    { folder: found.folder, volumesRoot, dockerHost, volumeAccess },
    options.signal,
  );
  await assertApart(settings, read);
  const installId =
    input.continues === undefined
      ? await installIdOf(settings, read.folder)
      : await continuedInstall(engine, input.continues);
  const home = engine.home.folder;
  const report = await installReport({ settings, read, found, installId, home, signal: options.signal });
  const chosen: InstallSettings = {
    installId,
    folder: read.folder,
    ...(volumesRoot === undefined ? {} : { volumesRoot }),
    ...(dockerHost === undefined ? {} : { dockerHost }),
  };
  return { chosen, report };
}

/** The folder of volumes that was named before for the same install. */
function chosenBefore({ install: before }: HomeSettings, given: string | undefined): string | undefined {
  return before !== undefined && before.folder === given ? before.volumesRoot : undefined;
}

/** Where Docker keeps volumes on Linux. */
async function usualVolumesRoot(): Promise<string | undefined> {
  const usual = '/var/lib/docker/volumes';
  return (await volumesRootProblem(usual)) === undefined ? usual : undefined;
}

/** Another folder is another install: its backups must not count for, or prune, those of the first. */
async function installIdOf(settings: HomeSettings, found: string): Promise<string> {
  const before = settings.install;
  if (before !== undefined && (await realPathOf(before.folder)) === (await realPathOf(found)))
    return before.installId;
  return randomBytes(16).toString('hex');
}

/** Only the operator knows that the machine of that install is gone: two that live must never prune each other's backups. */
async function continuedInstall(engine: Engine, backupId: string): Promise<string> {
  assertBackupId(backupId);
  const { manifest } = await (await engine.vault()).loadManifest(backupId);
  return manifest.installId;
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return path;
    throw error;
  }
}

async function assertApart({ backup }: HomeSettings, read: TrinityInstall): Promise<void> {
  if (backup.path === undefined) return;
  const location = parseLocation(backup.path);
  if (location.kind === 'folder')
    await assertVaultApart({ isLocal: true, location: location.path }, read, backup);
}
