import { AppError } from '../../../shared/lib/app-error.ts';
import { serverCommand, startCommand, within } from '../../../shared/lib/trinity-commands.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { isPostgresSource } from '../../components/postgres-source.ts';
import { BackendApi, backendPlace } from '../../trinity/backend-api.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { backendContainer } from '../../trinity/docker/find-engine.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { openPostgres, type PostgresPlace } from '../../trinity/postgres/postgres-server.ts';
import { isEmptyDatabase } from '../../trinity/postgres/restore-database.ts';
import { waitForServer } from '../../trinity/postgres/wait-for-server.ts';
import { agentsToStart, notStarted, startAgent, type Starter } from '../live/start-agents.ts';
import { restoreBackup } from '../restore/restore-service.ts';
import type { RestoreOutcome, RunOptions, ServiceContext } from '../services.ts';

/** What of a new install is left to do. */
export type LeftToDo = Readonly<{
  backupId: string;
  /** Its dump was not loaded yet. */
  database: boolean;
  /** Agents that ran when the backup was made and were not started yet. */
  agents: readonly string[];
  startQuietly?: boolean | undefined;
}>;

export type FinishRequest = LeftToDo &
  Readonly<{ /** A database with tables in it may give way. */ confirm: boolean }>;

export type FinishOutcome = Readonly<{
  backupId: string;
  /** Nothing is left to do. */
  isDone: boolean;
  /** `loaded`: by this run. `waiting`: its server is not there yet. `none`: there was nothing to load. */
  database: 'loaded' | 'waiting' | 'none';
  /** Agents that run now. */
  started: readonly string[];
  safetyBackupId: string | null;
  /** What somebody has to do before the rest can be done, one sentence. */
  nextStep: string | null;
  /** The same for a page, which offers to finish again by itself: why, and what is to be typed before, if anything. */
  waitsFor: WaitsFor | null;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

export type WaitsFor = Readonly<{ why: string; command: string | null }>;

/** Is told after each start which agents are left, so that no other run starts it again. A restore notes its database by itself. */
export type Remember = (agents: readonly string[]) => Promise<void>;

const serverLimitMs = 120_000;
const lookLimitMs = 30_000;
/** As long as Trinity's own start script waits. */
const healthLimitMs = 180_000;

/** What a new install of these sources needs once it is built; all of them where `restored` is not said. */
export function leftToDo(manifest: Manifest, restored?: readonly string[]): Omit<LeftToDo, 'startQuietly'> {
  const sources = manifest.sources.filter(
    (source) => source.state === 'complete' && restored?.includes(sourceText(source)) !== false,
  );
  return {
    backupId: manifest.backupId,
    database: sources.some(isPostgresSource),
    agents: agentsToStart(manifest, sources).map(({ agent }) => agent),
  };
}

/**
 * Does what is left of a new install, as far as it can be done now: loads the database once its server is there, has Trinity start the
 * agents that ran once it runs. What was done is not done again. `refused` where the database holds tables and that was not confirmed.
 */
export async function finishInstall(
  context: ServiceContext,
  request: FinishRequest,
  { options, remember }: Readonly<{ options: RunOptions; remember: Remember }>,
): Promise<FinishOutcome> {
  const { manifest } = await context.vault.loadManifest(request.backupId);
  const nothing = { backupId: request.backupId, isDone: false, started: [], safetyBackupId: null } as const;
  const loaded = request.database ? await loadDatabase(context, request, { manifest, options }) : undefined;
  if (loaded !== undefined && 'nextStep' in loaded)
    return { ...nothing, ...loaded, database: 'waiting', warnings: [], notes: [] };
  const agents = await startAgents(context, request.agents, { manifest, options, remember });
  const { safetyBackupId = null, warnings = [], notes = [] } = loaded ?? {};
  return {
    ...nothing,
    ...agents,
    database: loaded === undefined ? 'none' : 'loaded',
    safetyBackupId,
    warnings: [...warnings, ...agents.warnings],
    // That Trinity has to be started is the next step here.
    notes: notes.filter(({ code }) => code !== 'next-step'),
  };
}

type Parts = Readonly<{ manifest: Manifest; options: RunOptions }>;
type Waiting = Readonly<{ nextStep: string; waitsFor: WaitsFor }>;

async function loadDatabase(
  context: ServiceContext,
  request: FinishRequest,
  { manifest, options }: Parts,
): Promise<RestoreOutcome | Waiting> {
  const install = await context.readInstall();
  const { database, engine } = install;
  if (database.kind === 'postgres' && engine !== undefined && database.container === undefined) {
    const command = serverCommand(manifest, install.folder);
    return {
      nextStep: `The database waits for its server. Start it alone, and load it, with: ${command} && trinity-backup finish`,
      waitsFor: { why: 'The database waits for its server. Start that alone:', command },
    };
  }
  const isEmpty =
    database.kind === 'postgres' && engine !== undefined
      ? await isServerEmpty(install, options.signal)
      : true;
  if (!isEmpty && !request.confirm) {
    throw new AppError(
      'refused',
      'The database holds tables already, since Trinity was started before, or somebody has loaded it. Add --confirm to replace it with that of the backup; what is there now is backed up first.',
      { details: { holdsTables: true } },
    );
  }
  return await restoreBackup(
    context,
    {
      backupId: request.backupId,
      only: ['persistence'],
      destination: { way: 'in-place' },
      safetyBackup: !isEmpty,
      ...(request.startQuietly === undefined ? {} : { startQuietly: request.startQuietly }),
    },
    options,
  );
}

/** Starts the server where it does not run. */
async function isServerEmpty({ database, engine }: TrinityInstall, signal: AbortSignal): Promise<boolean> {
  if (database.kind !== 'postgres' || engine === undefined || database.container === undefined) return true;
  const { container, port, user } = database;
  const place: PostgresPlace = { host: engine.host, container, port, user };
  const client = await openDockerEngine(engine.host);
  const facts = await client.inspectContainer(container, signal);
  if (facts?.state === 'exited' || facts?.state === 'created') await client.start(facts.id, signal);
  await waitForServer(place, serverLimitMs, signal);
  return await isEmptyDatabase(await openPostgres(place, signal), database.database, signal);
}

type Started = Readonly<{
  isDone: boolean;
  started: readonly string[];
  nextStep: string | null;
  waitsFor: WaitsFor | null;
  warnings: readonly Finding[];
}>;

async function startAgents(
  context: ServiceContext,
  left: readonly string[],
  { manifest, options, remember }: Parts & Readonly<{ remember: Remember }>,
): Promise<Started> {
  const wanted = agentsToStart(manifest, manifest.sources).filter(({ agent }) => left.includes(agent));
  if (wanted.length === 0) return { isDone: true, started: [], nextStep: null, waitsFor: null, warnings: [] };
  const install = await context.readInstall();
  const opened = await openTrinity(install, options.signal);
  if ('why' in opened) {
    const { why, isDown } = opened;
    const start = startCommand(manifest);
    const nextStep = `${why} Start it with ${start} in ${install.folder}, then run trinity-backup finish again, which starts ${wanted.map(({ agent }) => agent).join(', ')}.`;
    const waitsFor = { why, command: isDown ? within(install.folder, start) : null };
    return { isDone: false, started: [], nextStep, waitsFor, warnings: [] };
  }
  const started: string[] = [];
  const warnings: Finding[] = [];
  for (const each of wanted) {
    options.signal.throwIfAborted();
    options.onProgress?.({
      phase: 'start',
      done: started.length,
      total: wanted.length,
      unit: 'files',
      detail: each.agent,
    });
    try {
      await startAgent(opened, each);
      started.push(each.agent);
      await remember(left.filter((agent) => !started.includes(agent)));
    } catch (error) {
      options.signal.throwIfAborted();
      warnings.push(notStarted(each.agent, error));
    }
  }
  const isDone = warnings.length === 0;
  return {
    isDone,
    started,
    nextStep: isDone ? null : 'Run trinity-backup finish again for the agents that do not run yet.',
    waitsFor: isDone ? null : { why: 'Not all agents run yet.', command: null },
    warnings,
  };
}

/** `isDown`: it is for somebody to start it. */
type NotYet = Readonly<{ why: string; isDown: boolean }>;

/** Trinity, once it is healthy; else why it cannot be asked. */
async function openTrinity(
  { engine: place, env }: TrinityInstall,
  signal: AbortSignal,
): Promise<Starter | NotYet> {
  if (place === undefined) {
    const why = 'No Docker engine is set for this install: name it with install --docker-host.';
    return { why, isDown: false };
  }
  const engine = await openDockerEngine(place.host);
  const backend = await engine.inspectContainer(
    backendContainer,
    AbortSignal.any([signal, AbortSignal.timeout(lookLimitMs)]),
  );
  if (backend?.state !== 'running') return { why: 'Trinity does not run yet.', isDown: true };
  const api = new BackendApi(backendPlace(backend, env));
  const health = await api.healthWithin(healthLimitMs, signal);
  if (health.state === 'healthy') return { engine, api, signal };
  const why = health.state === 'migrating' ? `it waits for the migration ${health.pending}` : health.reason;
  return { why: `Trinity is not healthy yet (${why}).`, isDown: false };
}
