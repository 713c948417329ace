import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Place } from '../../components/component-handler.ts';
import { quietDatabase, type TurnedOff } from '../../components/quiet-start.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import { parseEnv } from '../../trinity/env-file.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { readEnvironment } from '../../trinity/read-install.ts';
import { quietPostgres } from '../databases/quiet-database.ts';
import { hostIdOf } from '../host-id.ts';
import { proveCredentials } from './restore-keys.ts';
import type { RestoreRun, StagedRestore } from './restore-run.ts';
import type { Staging } from './staging/staging.ts';
import type { OpenJournal } from './swap/journal.ts';

const dayMs = 24 * 3_600_000;
const shownSchedules = 10;

type Staged = Readonly<{ install: TrinityInstall; staging: Staging; staged: StagedRestore }>;
/** `folder`: the checkout as it will be. */
type Settled = Staged & Readonly<{ journal: OpenJournal; folder: string }>;

/** The staged database file that goes live as the main file, or rows out of the staged Postgres database. */
export function stagedDatabase({ install, staged }: Pick<Staged, 'install' | 'staged'>): string | undefined {
  const { databaseFile } = install;
  const [postgres] = staged.databases;
  if (postgres !== undefined) return postgres.rows;
  const sent = staged.helperFiles.find(({ source }) => source.component === 'persistence');
  // The main file comes last, as it does where it is swapped here.
  if (sent !== undefined) return sent.files.at(-1)?.file;
  const swaps = staged.groups[staged.groupOf.get('persistence') ?? -1] ?? [];
  const swap = swaps.find(({ live }) => databaseFile !== undefined && textOf(live) === databaseFile);
  return swap?.staged === undefined ? undefined : textOf(swap.staged);
}

function textOf(place: Place): string {
  return path.join(place.root, place.path.toString());
}

/** Proves its keys and turns its schedules off where that is due. */
export async function settleDatabase(run: RestoreRun, parts: Settled): Promise<void> {
  const database = stagedDatabase(parts);
  if (database === undefined) return;
  proveCredentials(database, await nextEnvironment(parts), parts.staging);
  if (!isQuiet(run)) {
    await parts.journal.update({ databaseFolder: parts.folder, quietStart: null });
    return;
  }
  const [postgres] = parts.staged.databases;
  const off =
    postgres === undefined ? quietDatabase(database) : await quietPostgres(postgres, parts.staging.signal);
  const { schedules, runs, cancelledRuns } = off;
  const isDue = schedules.length > 0 || runs.length > 0;
  const record = {
    backupId: run.manifest.backupId,
    restoredAt: new Date(run.context.now()).toISOString(),
    folder: parts.folder,
    isForeign: quietReason(run) === 'other-host',
    schedules: [...schedules],
    runs: [...runs],
  };
  await parts.journal.update({ databaseFolder: parts.folder, quietStart: isDue ? record : null });
  if (!isDue && cancelledRuns === 0) return;
  const message = quietMessage(run, off);
  parts.staging.notes.add({ code: 'started-quietly', message, component: 'persistence' });
}

function quietMessage(run: RestoreRun, { schedules, runs, cancelledRuns }: TurnedOff): string {
  const names = schedules.slice(0, shownSchedules).map(({ name }) => name);
  const more =
    schedules.length > names.length ? ` and ${countOf(schedules.length - names.length, 'more')}` : '';
  const which = schedules.length === 0 ? 'none was on' : `${names.join(', ')}${more}`;
  const then =
    schedules.length > 0 || runs.length > 0 ? ' "trinity-backup end-quiet-start" turns on what was on.' : '';
  const elsewhere =
    quietReason(run) === 'other-host'
      ? ' The machine that this backup is of may still run Trinity: stop it there first, else everything runs twice.'
      : '';
  const cancelled =
    cancelledRuns === 0
      ? ''
      : `; ${countOf(cancelledRuns, 'waiting run')} ${cancelledRuns === 1 ? 'was' : 'were'} cancelled`;
  return `Schedules are off, so that nothing runs before you say so (${which})${cancelled}.${then}${elsewhere}`;
}

/** A container has the values that it was made with: Trinity has to be started anew by its script. */
export async function changesEnvironment({
  install,
  staged,
}: Readonly<{ install: TrinityInstall; staged: StagedRestore }>): Promise<boolean> {
  const file = stagedEnvironment({ install, staged });
  if (file === undefined) return false;
  const next = parseEnv(await readFile(file));
  const names = new Set([...next.keys(), ...install.env.keys()]);
  return [...names].some((name) => next.get(name) !== install.env.get(name));
}

export function environmentNote({ folder }: TrinityInstall): Finding {
  const message = `.env has changed, and running containers keep the values that they were made with: run ./scripts/deploy/start.sh in ${folder}.`;
  return { code: 'env-restart', message, component: 'config' };
}

/** The staged `.env`, which may be changed yet. */
export function stagedEnvironment({
  install,
  staged,
}: Pick<Staged, 'install' | 'staged'>): string | undefined {
  const swap = staged.groups.flat().find(({ live }) => textOf(live) === install.envFile);
  if (swap?.staged !== undefined) return textOf(swap.staged);
  const name = path.basename(install.envFile);
  const ofConfig = staged.helperFiles.filter(({ source }) => source.component === 'config');
  return ofConfig.flatMap(({ files }) => files).find((file) => file.name.toString() === name)?.file;
}

/** The `.env` that will be live: a staged one, else the one that is. */
async function nextEnvironment({ install, staged, staging }: Staged): Promise<Buffer | undefined> {
  const file = stagedEnvironment({ install, staged });
  const { folder, engine } = install;
  if (file === undefined && install.folderAccess.mode === 'helper')
    return await readEnvironment(folder, engine?.host, staging.signal);
  return await readIfThere(file ?? install.envFile);
}

/** Said by the operator, else for data of another host or of over a day ago. */
function isQuiet(run: RestoreRun): boolean {
  return run.request.startQuietly ?? quietReason(run) !== null;
}

/** What makes a quiet start the default. */
export function quietReason({
  manifest,
  context,
}: Pick<RestoreRun, 'manifest' | 'context'>): 'other-host' | 'old' | null {
  if (manifest.hostId !== hostIdOf(context.vault.id)) return 'other-host';
  return context.now() - Date.parse(manifest.timestamp) > dayMs ? 'old' : null;
}
