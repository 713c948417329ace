import path from 'node:path';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { QuietStart } from '../../../shared/model/quiet-start.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import { readQuietStart } from '../../backup/quiet/quiet-start-file.ts';
import { agentsState, type AgentsState } from '../../backup/agents-state.ts';
import { isThere } from '../../platform/atomic-file.ts';
import type { Run } from '../../../shared/model/history.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { provenTimes } from '../../backup/drill/proven-times.ts';
import { usualFreeSpace } from '../../vault/chunks/pack-writes.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { DamageList } from '../../vault/upkeep/damage-list.ts';
import { standingsOf } from '../copies/copy-facts.ts';
import type { Engine } from '../engine.ts';
import { failedRehearsals } from '../upkeep/drill-runs.ts';
import { kitDueSince } from '../upkeep/recovery-key.ts';
import { rebuildHistory } from '../history/rebuild-history.ts';
import { scheduleFacts } from '../schedule/schedule-facts.ts';
import { expectedSources, type InstallToday, lookAtInstall } from './expected-sources.ts';
import { type SourceFacts, type StatusFacts, unknownFacts } from './facts.ts';
import { runningFacts } from './running-facts.ts';
import { listText } from './sentences.ts';
import { sourceName } from './source-name.ts';
import { upgradeOf } from './upgrade.ts';

type VaultFacts = OpenFacts & Pick<StatusFacts, 'vault' | 'vaultProblem'>;

/** With what is backed up of each agent; undefined while the vault is not open. */
export type GatheredFacts = StatusFacts & Readonly<{ memory: AgentsState | undefined }>;

/** Everything that the state is judged by, looked up now. */
export async function gatherFacts(engine: Engine): Promise<GatheredFacts> {
  const { settings } = await engine.settings.read();
  const catalog = await engine.catalog();
  const lastRun = lastAttempt(catalog);
  return {
    ...unknownFacts,
    ...(await scheduleFacts(engine, settings)),
    nowMs: engine.now(),
    isSetUp: settings.install !== undefined && settings.backup.path !== undefined,
    vaultPlace: settings.backup.path ?? '',
    running: runningFacts(engine.writing, engine.now()),
    isRecovering: engine.recovery.isRunning,
    unrecovered: engine.recovery.problem,
    lastFailure: failureOf(lastRun),
    newInstall: await newInstallFacts(engine),
    objectives: settings.backup.objectives,
    isEntitled: engine.entitlements.isEntitled('backup'),
    quietStart: quietStartView(await readQuietStart(engine.home.folder)),
    ...(await factsOfVault({ engine, settings, catalog, lastRun })),
  };
}

function quietStartView(record: QuietStart | undefined): StatusFacts['quietStart'] {
  if (record === undefined) return undefined;
  const { backupId, restoredAt, isForeign, schedules, runs } = record;
  const names = schedules.map(({ name }) => name);
  return { backupId, restoredAt, isForeign, schedules: names, waitingRuns: runs.length };
}

async function newInstallFacts(engine: Engine): Promise<StatusFacts['newInstall']> {
  const pending = await engine.pendingInstall.read();
  if (pending === undefined) return undefined;
  const { left, folder } = pending;
  if (left !== undefined) return { database: left.database, agents: left.agents.length };
  // Whoever built it was killed when it was there: what is left is looked up by `finish`.
  const isCutOff = engine.writing === undefined && (await isThere(path.join(folder, '.env')));
  return isCutOff ? { database: false, agents: 0 } : undefined;
}

/** Its disk may also go while it is open. */
async function factsOfVault(question: VaultQuestion): Promise<VaultFacts> {
  const { engine, settings, catalog } = question;
  const remembered = rememberedFacts(catalog);
  if (settings.backup.path === undefined) return { ...remembered, vault: 'absent', vaultProblem: undefined };
  try {
    const vault = await engine.vault();
    await rebuildHistory(catalog, vault, settings.install?.installId);
    const facts = await openFacts(vault, question);
    return { ...facts, vault: 'open', vaultProblem: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.details['absent'] === true) {
      const vaultProblem = `the vault is not at ${settings.backup.path} now`;
      return { ...remembered, vault: 'absent', vaultProblem };
    }
    const vault = error.kind === 'no-key' ? 'locked' : 'unusable';
    const damage = error.kind === 'damaged' ? error.message : undefined;
    // That no key is there is said by the state; what mends it is its action.
    const vaultProblem = error.details['isLocked'] === true ? undefined : error.message;
    return { ...remembered, vault, vaultProblem, damage };
  }
}

type OpenFacts = Pick<GatheredFacts, 'damage' | 'sources' | 'warnings' | 'memory'> &
  Partial<
    Pick<
      StatusFacts,
      | 'isDamageOfRehearsal'
      | 'installProblem'
      | 'copies'
      | 'newestBackupId'
      | 'kitDueSinceMs'
      | 'space'
      | 'upgrade'
    >
  >;

const wholeInstall = { source: 'this install', name: 'this install' };

/** What the history remembers while the vault cannot be asked: when a whole backup last went well. */
function rememberedFacts(catalog: Catalog): OpenFacts {
  const good = catalog.runs(1000, 'backup').find((run) => run.outcome === 'succeeded' && isOfToday(run));
  const sources =
    good === undefined
      ? []
      : [{ ...wholeInstall, lastGoodMs: good.startedMs, provenMs: undefined, lastRunFailed: false }];
  return { damage: undefined, warnings: [], memory: undefined, sources };
}

type VaultQuestion = Readonly<{
  engine: Engine;
  settings: HomeSettings;
  catalog: Catalog;
  lastRun: Run | undefined;
}>;

async function openFacts(vault: OpenedVault, question: VaultQuestion): Promise<OpenFacts> {
  const { engine, settings, catalog, lastRun } = question;
  const { manifests, unreadable } = await vault.listManifests();
  const live = manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest);
  // A safety backup is what was there before a restore, not what is there now.
  const own = live
    .filter(({ installId }) => installId === settings.install?.installId)
    .filter(({ trigger }) => trigger !== 'pre_migration');
  const proven = await provenTimes(vault, own);
  const today = await lookAtInstall(settings);
  const sources = expectedSources(settings, own, today.volumes).map((source): SourceFacts => {
    const newest = own.find(({ sources: parts }) =>
      parts.some((part) => part.state === 'complete' && sourceText(part) === source),
    );
    return {
      source,
      name: sourceName(source, agentsOf(source, { newest, today })),
      lastGoodMs: newest === undefined ? undefined : Date.parse(newest.timestamp),
      provenMs: proven.get(source),
      lastRunFailed: isFailedIn(lastRun, source),
    };
  });
  return {
    ...(await damageOf(vault, unreadable.length, catalog)),
    sources,
    memory: agentsState(own, today.volumes),
    warnings: own[0]?.warnings.map(({ message }) => message) ?? [],
    newestBackupId: own[0]?.backupId,
    kitDueSinceMs: await kitDueSince(question.engine, vault),
    installProblem: today.problem,
    copies: await copiesOf(engine, live, settings),
    space: await spaceOf(vault),
    upgrade: await upgradeOf(settings, { installed: today.version, newest: own[0] }),
  };
}

/** The agents of a volume by the containers that mount it now, else by its last whole copy. */
function agentsOf(
  source: string,
  { newest, today }: Readonly<{ newest: Manifest | undefined; today: InstallToday }>,
): readonly string[] {
  const mounted = today.volumes?.find(({ name }) => `memory/${name}` === source)?.agents ?? [];
  if (mounted.length > 0) return mounted;
  return newest?.sources.find((part) => sourceText(part) === source)?.agents ?? [];
}

async function copiesOf(
  engine: Engine,
  live: readonly Manifest[],
  { backup }: HomeSettings,
): Promise<StatusFacts['copies']> {
  const standings = await standingsOf(engine, live, Object.entries(backup.copies));
  return standings
    .filter(({ settings }) => settings.enabled)
    .map(({ name, settings: { location, required }, state, behindSinceMs }) => {
      const problem = state.problem?.message;
      return { name, place: location, required, behindSinceMs, problem };
    });
}

async function spaceOf({ storage }: OpenedVault): Promise<StatusFacts['space']> {
  const space = await storage.space();
  if (space === undefined) return undefined;
  const { shareOfTotal, bytes } = usualFreeSpace;
  return { freeBytes: space.freeBytes, neededBytes: Math.max(bytes, shareOfTotal * space.totalBytes) };
}

const damagedSomewhere = 'Parts of the vault are damaged: verify shows which backups need them.';

/** What is on the damage list without a chunk is healed: packs that no backup needs any more. */
async function damageOf(
  vault: OpenedVault,
  unreadable: number,
  catalog: Catalog,
): Promise<Pick<StatusFacts, 'damage'> & Partial<Pick<StatusFacts, 'isDamageOfRehearsal'>>> {
  const list = await DamageList.load(vault.storage, vault.objectKeys);
  if (list.chunkCount > 0) {
    return { damage: catalog.runs(100, 'verify').find(isVerdict)?.message ?? damagedSomewhere };
  }
  if (unreadable > 0) {
    return { damage: `${countOf(unreadable, 'backup')} cannot be read: verify shows which.` };
  }
  const { sources, message } = failedRehearsals(catalog);
  if (sources.length === 0) return { damage: undefined };
  const names = sources.map((source) => sourceName(source, []));
  // What to do about it is the action; the first sentence is the cause.
  const why = message === undefined ? '.' : `: ${message.replace(/(?<=[.])\s.*$/su, '')}`;
  return {
    damage: `The last rehearsal could not restore ${listText(names)}${why}`,
    isDamageOfRehearsal: true,
  };
}

/** A check that was cancelled, or that the vault went away from, says nothing of it. */
function isVerdict({ outcome, failureKind }: Run): boolean {
  return outcome === 'succeeded' || (outcome === 'failed' && failureKind === undefined);
}

/** The last backup that was tried; a cancelled one is neither good nor bad. */
function lastAttempt(catalog: Catalog): Run | undefined {
  return catalog
    .runs(100, 'backup')
    .find((run) => run.outcome !== 'cancelled' && run.outcome !== 'skipped' && isOfToday(run));
}

/** A safety backup is what was there before a restore, not what is there now. */
function isOfToday({ trigger }: Run): boolean {
  return trigger !== 'pre_migration';
}

function isFailedIn(run: Run | undefined, source: string): boolean {
  if (run === undefined) return false;
  return run.outcome === 'failed' || run.failedSources.includes(source);
}

function failedText(sources: readonly string[]): string {
  return listText(sources.map((source) => sourceName(source, [])));
}

function failureOf(run: Run | undefined): StatusFacts['lastFailure'] {
  if (run === undefined || run.outcome === 'succeeded') return undefined;
  const cause = run.message ?? `${failedText(run.failedSources)} could not be copied`;
  return { atMs: run.startedMs, cause: messageOf(cause), kind: run.failureKind ?? 'other' };
}
