import { lstatSync } from 'node:fs';
import path from 'node:path';
import { assertNever } from '../../../../shared/lib/assert-never.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import type { PlannedPath, PlannedSource, RestorePlan } from '../../../../shared/model/restore-plan.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import type { TreeTally } from '../../../vault/restore/count/tree-tally.ts';
import { assertVaultApart } from '../../apart.ts';
import { deletedAgents } from '../../live/revive-agents.ts';
import { ownerlessVolumes } from '../../live/volume-owners.ts';
import { openScratch } from '../../scratch.ts';
import type { RestoreRequest, RunOptions, ServiceContext } from '../../services.ts';
import { requireOneAgent } from '../another-name/plan-copy.ts';
import { oldKeyOf } from '../restore-keys.ts';
import { loadRequested, selectSources } from '../restore-request.ts';
import type { RestoreRun } from '../restore-run.ts';
import { quietReason } from '../restore-settle.ts';
import { RestoreSteps } from '../restore-steps.ts';
import { checkVersions } from '../restore-versions.ts';
import { countChanges, countFiles, heldOf, pathsOf } from './count-changes.ts';
import { lookIntoDatabase } from './look-into-database.ts';
import {
  basicsOf,
  bytesPerEntry,
  namesOf,
  planApart,
  planAs,
  timeFor,
  type PlannedRestore,
} from './plan-apart.ts';
import { Planning } from './planning-context.ts';
import { sumSpace, type SpaceNeed } from './plan-space.ts';
import { planStops, type RestoreSpeed } from './plan-stops.ts';

/** With more changes a tree is staged as a whole (staging/tree-changes.ts). */
const mostChanges = 4096;

/**
 * What a restore would do, in numbers, by comparing the backup with what is live. Rejects as the restore itself would for what was
 * asked. Changes nothing.
 */
export async function planRestore(
  context: ServiceContext,
  request: RestoreRequest,
  options: RunOptions,
  speed: RestoreSpeed = { stoppedMs: [] },
): Promise<PlannedRestore> {
  if (request.destination.way === 'as') requireOneAgent(request, request.destination.name);
  const manifest = await loadRequested(context.vault, request.backupId);
  await using reader = await context.vault.openReader('plan');
  const selection = await selectSources({ manifest, registry: context.registry, request, reader });
  const steps = new RestoreSteps(request, { signal: options.signal });
  const live = { isTouched: false, hasJournal: false };
  const run = { context, manifest, selection, request, reader, options, steps, hooks: {}, live };
  const { destination } = request;
  switch (destination.way) {
    case 'in-place':
      return await planInPlace(run, speed);
    case 'as':
      return await planAs(run, destination, speed);
    case 'to':
    case 'new-install':
      return await planApart(run, destination, speed);
    default:
      return assertNever(destination);
  }
}

async function planInPlace(run: RestoreRun, speed: RestoreSpeed): Promise<PlannedRestore> {
  const { context, options, request, selection, manifest } = run;
  const install = await context.readInstall();
  await assertVaultApart(context.vault.storage, install, context.settings);
  const bringsDatabase = selection.sources.some(({ component }) => component === 'persistence');
  const parts = { home: context.home, signal: options.signal };
  const versions = bringsDatabase ? await checkVersions(manifest, install, parts) : [];
  const revived = await deletedAgents(run, install);
  await using scratch = await openScratch(context.home);
  const planning = new Planning(run, { install, scratch: scratch.folder });
  await planning.ask();
  const { sources, paths, needs, hasLive, liveBytes } = await countAll(run, install, planning);
  const key = await oldKeyOf(run, install);
  const choice = request.keys ?? 'secondary';
  const inside = await lookIntoDatabase(run, install, planning.rows);
  const younger = bringsDatabase ? inside.younger : { agents: [], volumes: [] };
  const changesKeys = key?.state === 'held' && choice === 'secondary';
  const stops = await planStops(run, { install, planning, younger: younger.volumes, changesKeys, speed });
  const written = needs.reduce((sum, { bytes }) => sum + bytes, 0);
  const copyMs = timeFor(written, speed);
  const reason = quietReason(run);
  const plan: RestorePlan = {
    ...basicsOf(run),
    destination: { way: 'in-place' },
    sources,
    safetyBackup: !request.safetyBackup ? 'none' : hasLive ? 'made' : 'nothing-live',
    stops,
    estimatedMs: copyMs === null ? null : copyMs + (stops?.estimatedMs ?? 0),
    space: await sumSpace([...needs, ...vaultNeed(context, request, liveBytes)]),
    versions: bringsDatabase ? versionsOf(run, install, versions) : null,
    keys: key === undefined ? null : { state: key.state, choice },
    younger,
    ownerless: revived.agents.length > 0 ? [] : [...(await ownerlessVolumes(run, install))],
    revived: [...revived.agents],
    quiet: bringsDatabase
      ? {
          isOn: request.startQuietly ?? reason !== null,
          reason,
          schedules: inside.schedules,
          waitingRuns: inside.waitingRuns,
        }
      : null,
    hostValues: [],
    warnings: planning.warnings,
    notes: planning.notes,
  };
  return { plan, paths };
}

type Counted = Readonly<{
  sources: PlannedSource[];
  paths: readonly PlannedPath[];
  needs: readonly SpaceNeed[];
  hasLive: boolean;
  /** Of what gives way. */
  liveBytes: number;
}>;

async function countAll(run: RestoreRun, install: TrinityInstall, planning: Planning): Promise<Counted> {
  const sources: PlannedSource[] = [];
  const paths: PlannedPath[] = [];
  const needs: SpaceNeed[] = [];
  let hasLive = false;
  let liveBytes = 0;
  for (const source of run.selection.sources) {
    run.options.signal.throwIfAborted();
    const key = sourceText(source);
    const held = await heldOf(run, source, run.selection.paths.get(key));
    const tree = planning.trees.find((each) => each.source === source);
    const files = planning.files.find((each) => each.source === source);
    const tally = tree === undefined ? files && (await countFiles(files)) : await countChanges(run, tree);
    const way = tally !== undefined ? 'compared' : planning.byHelper.has(key) ? 'unread' : 'replaced';
    sources.push({
      ...namesOf(run, source),
      held,
      way,
      counts: tally === undefined ? null : countsOf(tally),
    });
    if (tally !== undefined) paths.push(...pathsOf(key, tally));
    needs.push(needOf({ source, install, held, tally, tree }));
    hasLive ||= tally === undefined || isThere(tree?.target.live ?? files?.live);
    liveBytes += tally?.liveBytes ?? held.bytes;
  }
  return { sources, paths, needs, hasLive, liveBytes };
}

function countsOf({ changed, added, removed, unchanged, folders, kept }: TreeTally): PlannedSource['counts'] {
  return { changed, added, removed, unchanged, folders, kept };
}

/** As the restore itself judges whether there is anything to save first: one lost file leaves all that is around it. */
function isThere(live: string | undefined): boolean {
  return live !== undefined && lstatSync(live, { throwIfNoEntry: false }) !== undefined;
}

type Need = Readonly<{
  source: ManifestSource;
  install: TrinityInstall;
  held: PlannedSource['held'];
  tally: TreeTally | undefined;
  tree: Planning['trees'][number] | undefined;
}>;

/** As staging asks for it: what differs where that alone is staged, else the whole tree. */
function needOf({ source, install, held, tally, tree }: Need): SpaceNeed {
  const whole = held.bytes + Math.max(held.files, source.listing?.entries ?? 0) * bytesPerEntry;
  if (tally === undefined)
    return {
      folder: install.databaseFile === undefined ? '' : path.dirname(install.databaseFile),
      bytes: whole,
    };
  const files = tally.changed.files + tally.added.files;
  const isInPart = tree?.target.onlyChanges === true && files + tally.removed.files <= mostChanges;
  const bytes = isInPart ? tally.changed.bytes + tally.added.bytes + files * bytesPerEntry : whole;
  return { folder: tree?.spaceAt ?? install.folder, bytes };
}

/** What the safety backup may add at most. */
function vaultNeed(
  { vault, safetyVault }: ServiceContext,
  { safetyBackup }: RestoreRequest,
  liveBytes: number,
): readonly SpaceNeed[] {
  const { isLocal, location } = (safetyVault ?? vault).storage;
  return safetyBackup && isLocal && path.isAbsolute(location) ? [{ folder: location, bytes: liveBytes }] : [];
}

function versionsOf(
  { manifest }: RestoreRun,
  { version }: TrinityInstall,
  findings: Awaited<ReturnType<typeof checkVersions>>,
): RestorePlan['versions'] {
  const codes = findings.map(({ code }) => code);
  const backup = manifest.install['trinityVersion'];
  return {
    state: codes.includes('version-unknown')
      ? 'unknown'
      : codes.includes('will-migrate')
        ? 'migrates'
        : 'same',
    backup: typeof backup === 'string' ? backup : null,
    installed: version ?? null,
  };
}
