import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import { keyFingerprint } from '../../trinity/credentials.ts';
import type { AgentRow, TrinityInstall } from '../../trinity/install.ts';
import type { ExcludeRules } from '../../vault/capture/capture.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import { agentsOfCopy, databaseCopyOf } from '../../components/database-copy.ts';
import type { CopyQuestion } from '../../components/database-copy.ts';
import { assertVaultApart } from '../apart.ts';
import { requestedComponents } from './backup-request.ts';
import { BackupRun } from './backup-run.ts';
import type { RunParts } from './backup-run.ts';
import { checkCommitted } from './check-committed.ts';
import { DatabaseChecks } from './check-databases.ts';
import { hostIdOf } from '../host-id.ts';
import { Quiesce } from './quiesce.ts';
import { VolumeHelpers } from '../../trinity/helper/volume-helpers.ts';
import { PreviousListings } from './previous-listings.ts';
import { retainAfter } from '../retention/retain.ts';
import type { Retained } from '../retention/retain.ts';
import { openScratch } from '../scratch.ts';
import type { BackupOutcome, BackupRequest, RunOptions, ServiceContext } from '../services.ts';

/** What a safety backup is restricted to: by `sourceText`, with the rules that its restore keeps live paths by. */
export type SourceSelection = ReadonlyMap<string, ExcludeRules>;

/**
 * Makes one backup: done when it resolves, durable and checked. Rejects with `usage`, `not-found` (an unknown agent), `refused`
 * (vault and install overlap), `busy` (another writer), or the first source's error when nothing at all could be copied; then no
 * backup is listed. A source that failed among others makes it `incomplete`. The signal cancels until the manifest is being written;
 * from then on the backup counts, and it is only what follows that is cut short.
 */
export async function createBackup(
  context: ServiceContext,
  request: BackupRequest,
  options: RunOptions,
  selection?: SourceSelection,
): Promise<BackupOutcome> {
  const cancellable = cancellableBy(options.signal);
  const components = requestedComponents(context, request);
  const startedMs = context.now();
  const install = await context.readInstall();
  await assertVaultApart(context.vault.storage, install, context.settings);
  const lockOptions = { signal: options.signal, willStore: true };
  await using writer = await cancellable(async () => await context.vault.openWriter('backup', lockOptions));
  await using scratch = await openScratch(context.home);
  const signal = AbortSignal.any([options.signal, writer.signal]);
  const parts = { context, install, writer, scratch: scratch.folder, selection, options, signal };
  const run = await cancellable(async () => await copyAll(parts, request, components));
  const manifest = buildManifest({ context, install, run, request, writer, startedMs });
  await writer.commit(manifest);
  if (!(await isChecked({ context, writer, manifest, signal }))) return outcomeOf(manifest, unchecked);
  return outcomeOf(manifest, await retainAfter(request.trigger, context, writer, signal));
}

const unchecked: Retained = {
  warnings: [{ code: 'unchecked', message: 'The backup is done, but its check was cut short: run verify.' }],
  notes: [],
};

type Committed = Readonly<{
  context: ServiceContext;
  writer: VaultWriter;
  manifest: Manifest;
  signal: AbortSignal;
}>;

/** False when that was cut short. */
async function isChecked({ context, writer, manifest, signal }: Committed): Promise<boolean> {
  try {
    await checkCommitted(context.vault, writer, manifest);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Runs steps before the commit: what they throw once the run is cancelled says just that. */
function cancellableBy(signal: AbortSignal) {
  return async <Result>(step: () => Promise<Result>): Promise<Result> => {
    try {
      return await step();
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new AppError('cancelled', 'The backup was cancelled; nothing of it is listed.', { cause: error });
    }
  };
}

type CopyParts = Omit<RunParts, 'previous' | 'compress' | 'agents' | 'quiesce' | 'helpers'>;

/** Copies the components in order; what they consist of is durable when it resolves. */
async function copyAll(
  parts: CopyParts,
  request: BackupRequest,
  components: readonly string[],
): Promise<BackupRun> {
  const { context, install, scratch, signal, writer } = parts;
  if (request.agents !== undefined) await assertAgentsKnown({ install, scratch, signal }, request.agents);
  const { engine } = install;
  await using quiesce =
    engine === undefined ? undefined : new Quiesce({ engine, home: context.home, now: context.now });
  await using helpers = engine === undefined ? undefined : new VolumeHelpers(engine);
  await helpers?.sweep(signal);
  const previous = await PreviousListings.read(context.vault, context.installSettings.installId);
  const run = new BackupRun({
    ...parts,
    quiesce,
    helpers,
    previous,
    compress: request.compress ?? context.settings.compression,
    agents: request.agents,
  });
  for (const component of components) await run.copyComponent(component);
  run.finish();
  signal.throwIfAborted();
  requireAny(run, request);
  await writer.chunks.flush(signal);
  if (checkedTriggers.includes(request.trigger)) await checkDatabases(run, parts);
  signal.throwIfAborted();
  return run;
}

/** Others are in a hurry. */
const checkedTriggers: readonly Trigger[] = ['manual', 'scheduled', 'startup'];

/** Databases in volumes, now that nobody is held and all of them can be read back. */
async function checkDatabases(run: BackupRun, { writer, scratch, signal }: CopyParts): Promise<void> {
  const report = { warn: run.warnings.add.bind(run.warnings), note: run.notes.add.bind(run.notes) };
  const checks = new DatabaseChecks({ writer, scratch, signal, ...report });
  for (const changed of run.changedDatabases) {
    if (changed.component === 'memory') await checks.check(changed);
  }
}

/** An empty backup would look like a good one. */
function requireAny(run: BackupRun, request: BackupRequest): void {
  if (run.sources.some(({ state }) => state === 'complete')) return;
  if (run.sources.length === 0) {
    const what =
      request.agents === undefined ? 'Nothing that was asked for is' : 'No volume of these agents is';
    throw new AppError('failed', `${what} there to back up. Check the install and its settings.`);
  }
  const { firstError } = run;
  if (firstError instanceof AppError) throw firstError;
  throw new AppError('failed', `Nothing could be backed up: ${messageOf(firstError)}`, { cause: firstError });
}

async function assertAgentsKnown(question: CopyQuestion, asked: readonly string[]): Promise<void> {
  const agents = await knownAgents(question);
  const unknown = asked.find((name) => agents?.every((agent) => agent.name !== name) === true);
  if (unknown !== undefined)
    throw new AppError('not-found', `There is no agent "${unknown}". Check its name in Trinity.`);
}

/** Undefined where the database is damaged or gone: then nobody can say that an agent is unknown, and volumes go by their names. */
async function knownAgents(question: CopyQuestion): Promise<readonly AgentRow[] | undefined> {
  try {
    return agentsOfCopy(await databaseCopyOf(question));
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unavailable') return undefined;
    throw error;
  }
}

type ManifestParts = Readonly<{
  context: ServiceContext;
  install: TrinityInstall;
  run: BackupRun;
  request: BackupRequest;
  writer: VaultWriter;
  startedMs: number;
}>;

function buildManifest({ context, install, run, request, writer, startedMs }: ManifestParts): Manifest {
  const { vault, installSettings, productVersion } = context;
  return {
    format: 1,
    backupId: randomBytes(6).toString('hex'),
    vaultId: vault.id,
    installId: installSettings.installId,
    hostId: hostIdOf(vault.id),
    generation: writer.generation,
    trigger: request.trigger,
    timestamp: new Date(startedMs).toISOString(),
    durationMs: Math.max(0, Math.round(context.now() - startedMs)),
    ...(request.note === undefined ? {} : { note: request.note }),
    productVersion,
    install: { ...run.facts, ...installFacts(install, vault.id) },
    sources: [...run.sources],
    warnings: [...run.warnings.list],
    notes: [...run.notes.list],
  };
}

function installFacts(install: TrinityInstall, vaultId: string): Manifest['install'] {
  return {
    trinityVersion: install.version ?? null,
    projectName: install.projectName,
    form: install.form,
    folder: install.folder,
    dataVolume: install.dataVolume ?? null,
    dataFolder: install.dataFolder,
    databaseFile: install.databaseFile ?? null,
    volumesRoot: install.volumesRoot ?? null,
    credentialKey: keyFingerprint(install.env.get('CREDENTIAL_ENCRYPTION_KEY'), vaultId) ?? null,
  };
}

function outcomeOf(manifest: Manifest, retained: Retained): BackupOutcome {
  const complete = manifest.sources.filter(({ state }) => state === 'complete');
  const sum = (of: (source: ManifestSource) => number): number =>
    manifest.sources.reduce((total, source) => total + of(source), 0);
  return {
    backupId: manifest.backupId,
    trigger: manifest.trigger,
    timestamp: manifest.timestamp,
    components: [...new Set(complete.map(({ component }) => component))],
    files: sum(({ listing }) => listing?.files ?? 0),
    bytes: sum(({ listing }) => listing?.bytes ?? 0),
    bytesAdded: sum(({ bytesAdded }) => bytesAdded),
    bytesStored: sum(({ bytesStored }) => bytesStored),
    durationMs: manifest.durationMs,
    frozenMs: sum(({ frozenMs }) => frozenMs),
    lockedMs: sum(({ lockedMs }) => lockedMs),
    incomplete: complete.length < manifest.sources.length,
    warnings: [...manifest.warnings, ...retained.warnings],
    notes: [...manifest.notes, ...retained.notes],
  };
}
