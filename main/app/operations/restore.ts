import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { keyChoice, planChange, type RestorePlan } from '../../../shared/model/restore-plan.ts';
import { planRestore } from '../../backup/restore/plan/plan-restore.ts';
import { untouched } from '../../backup/restore/restore-end.ts';
import { restoreBackup } from '../../backup/restore/restore-service.ts';
import type { RestoreOutcome, RestoreRequest, ServiceContext } from '../../backup/services.ts';
import type { Engine } from '../engine.ts';
import { requireInstall } from '../home/home-install.ts';
import { buildInstall } from '../new-install/build-install.ts';
import { operation, type OperationOptions } from '../operation.ts';
import type { PathPage } from '../kept-plans.ts';
import { recordBackup, recordRun } from '../record-run.ts';
import { restoreAbout, restoreSubject } from './restore-subject.ts';
import { restoreSpeed } from '../upkeep/restore-speed.ts';
import { enginesFor, type FindQuestion } from './install/find-install.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

const names = z.array(z.string().max(20_000)).max(10_000);
const folder = z.string().startsWith('/').max(4096);
const dockerPlace = z.strictObject({
  env: z.record(z.string(), z.string().max(4096)),
  home: z.string().max(4096),
});

const input = z.strictObject({
  backupId: z.string().max(64),
  only: names.optional(),
  agents: names.optional(),
  paths: names.optional(),
  destination: z.discriminatedUnion('way', [
    z.strictObject({ way: z.literal('to'), folder }),
    z.strictObject({ way: z.literal('in-place') }),
    /** One agent as a new one beside whoever lives. */
    z.strictObject({ way: z.literal('as'), name: z.string().max(255) }),
    z.strictObject({
      way: z.literal('new-install'),
      folder,
      volumesRoot: folder.optional(),
      dockerHost: z.string().min(1).max(4096).optional(),
      /** Where the user who asks has Docker; left out: no engine is looked for. */
      docker: dockerPlace.optional(),
      /** Values of `.env` that are others on this host, by key; the plan names the keys. Never to be logged. */
      hostValues: z.record(z.string().max(64), z.string().max(4096)).optional(),
    }),
  ]),
  /** `if-possible`: where none can be made the restore goes on, and says so. */
  safetyBackup: z.union([z.boolean(), z.literal('if-possible')]),
  /** Left out: quiet when the data is of another host or over a day old. */
  startQuietly: z.boolean().optional(),
  /** What becomes of the key of credentials that the live one does not open; `secondary` when left out. */
  keys: keyChoice.optional(),
  /** The copy of the vault to read; left out, the vault itself or, while that is away, a copy of it. */
  from: z.string().max(64).optional(),
});

type RestoreInput = z.infer<typeof input>;

/**
 * Restores a backup or parts of it, recorded in the history however it ends. A new install becomes the one of a home
 * without.
 */
export const restore = operation(input, async (engine, asked, options): Promise<RestoreOutcome> => {
  let isBegun = false;
  try {
    return await restoreRecorded(engine, asked, { options, onBegin: () => (isBegun = true) });
  } catch (error) {
    throw isBegun ? error : untouched(error);
  }
});

type Begun = Readonly<{
  options: OperationOptions;
  /** From here on the restore itself says what it has left. */
  onBegin: () => void;
}>;

async function restoreRecorded(
  engine: Engine,
  asked: RestoreInput,
  { options, onBegin }: Begun,
): Promise<RestoreOutcome> {
  const request = await checked(engine, asked, options.signal);
  const run = async (watched: typeof options): Promise<RestoreOutcome> => {
    const { context, from } = await readingContext(engine, asked.from);
    const restoreOnce = asked.safetyBackup === 'if-possible' ? restoreSafelyIfPossible : restoreBackup;
    const restored = async (): Promise<RestoreOutcome> => {
      onBegin();
      return withSource(await restoreOnce(context, request, watched), from);
    };
    return await recordRun(engine, 'restore', restored, {
      about: restoreAbout(asked),
      done: async ({ backupId, warnings, safetyBackupId, files, bytes, stoppedMs }) => {
        if (safetyBackupId !== null) await recordBackup(engine, safetyBackupId);
        return {
          outcome: warnings.some(({ code }) => code === 'damaged') ? 'incomplete' : 'succeeded',
          backupId,
          failedSources: [],
          files,
          bytes,
          frozenMs: stoppedMs,
        };
      },
    });
  };
  const subject = restoreSubject(asked);
  // Plain files beside everything else are in nobody's way.
  if (request.destination.way === 'to')
    return await engine.watched({ what: 'export', subject }, options, run);
  const write = async (): Promise<RestoreOutcome> =>
    await engine.exclusively({ what: 'restore', subject }, options, run);
  const { destination, startQuietly } = request;
  if (destination.way === 'new-install')
    return await buildInstall(
      engine,
      { backupId: request.backupId, startQuietly, from: asked.from, destination },
      write,
    );
  return await write();
}

async function restoreSafelyIfPossible(
  context: ServiceContext,
  request: RestoreRequest,
  options: OperationOptions,
): Promise<RestoreOutcome> {
  try {
    return await restoreBackup(context, request, options);
  } catch (error) {
    if (!(error instanceof AppError) || error.details['noSafetyBackup'] !== true) throw error;
    const outcome = await restoreBackup(context, { ...request, safetyBackup: false }, options);
    const warning = {
      code: 'no-safety-backup',
      message: `${error.message} It went on without one, as asked.`,
    };
    return { ...outcome, warnings: [warning, ...outcome.warnings] };
  }
}

/** What a restore would do, in numbers, by comparing the backup with what is live. Changes nothing. */
export const restorePlan = operation(input, async (engine, asked, options): Promise<RestorePlan> => {
  const request = await checked(engine, asked, options.signal);
  const { vault, from } = await engine.reading(asked.from);
  const context = await engine.services(vault);
  const { plan, paths } = await planRestore(context, request, options, await restoreSpeed(engine));
  engine.plans.keep(plan.planId, paths);
  return { ...plan, from };
});

/** A page of the paths behind one number of a plan; the first few thousand of each are kept. */
export const restorePlanPaths = operation(
  z.strictObject({
    planId: z.string().max(64),
    source: z.string().max(300),
    change: planChange,
    after: z.number().int().nonnegative(),
    limit: z.number().int().min(1).max(1000),
  }),
  async (engine, { planId, ...wanted }): Promise<PathPage> =>
    await Promise.resolve(engine.plans.page(planId, wanted)),
);

/**
 * What a restore reads and where its safety backup goes: into the vault also when a copy is read, unless the vault is away. A copy that is
 * to hold it must not be busy with being written.
 */
async function readingContext(
  engine: Engine,
  copy: string | undefined,
): Promise<Readonly<{ context: ServiceContext; from: string | null }>> {
  const { vault, from } = await engine.reading(copy);
  const context = await engine.services(vault);
  if (from === null) return { context, from };
  const main = await engine.copies.readable();
  if (main.from === null) return { context: { ...context, safetyVault: main.vault }, from };
  await engine.copies.interrupt(from);
  return { context, from };
}

/** Says so where a copy was read. */
function withSource(outcome: RestoreOutcome, from: string | null): RestoreOutcome {
  if (from === null) return outcome;
  const note = { code: 'read-from-copy', message: `The copy ${from} of the vault was read.` };
  return { ...outcome, notes: [...outcome.notes, note] };
}

async function checked(engine: Engine, asked: RestoreInput, signal: AbortSignal): Promise<RestoreRequest> {
  const { backupId, only, agents, paths, destination, safetyBackup, startQuietly, keys } = asked;
  assertBackupId(backupId);
  for (const [option, given] of Object.entries({ '--only': only, '--agent': agents, '--path': paths })) {
    if (given?.length === 0)
      throw new AppError('usage', `${option} names nothing: name at least one, or leave it out.`);
  }
  if (destination.way === 'in-place' || destination.way === 'as')
    requireInstall((await engine.settings.read()).settings);
  return {
    backupId,
    ...(only === undefined ? {} : { only }),
    ...(agents === undefined ? {} : { agents }),
    ...(paths === undefined ? {} : { paths }),
    destination: await placeOf(destination, signal),
    safetyBackup: safetyBackup !== false,
    ...(startQuietly === undefined ? {} : { startQuietly }),
    ...(keys === undefined ? {} : { keys }),
  };
}

async function placeOf(
  destination: RestoreInput['destination'],
  signal: AbortSignal,
): Promise<RestoreRequest['destination']> {
  if (destination.way !== 'new-install') return destination;
  const { way, folder: target, volumesRoot, dockerHost, docker, hostValues = {} } = destination;
  const found =
    docker === undefined ? undefined : await newEngine({ dockerHost, volumesRoot, docker }, signal);
  if (found !== undefined) return { way, folder: target, dockerHost: found, hostValues };
  return { way, folder: target, hostValues, volumesRoot: volumesRoot ?? path.join(target, 'volumes') };
}

/** The engine that is to hold the volumes: the named one, else one that is here. */
async function newEngine(
  question: Pick<FindQuestion, 'dockerHost' | 'volumesRoot' | 'docker'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { engine } = await enginesFor(question, signal);
  return engine?.engine.host;
}
