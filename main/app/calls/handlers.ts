import type { BackupSettings } from '../../../shared/model/settings.ts';
import { type Task, task } from '../../../shared/ipc/contract/tasks.ts';
import { crossingError } from '../../../shared/ipc/envelope.ts';
import { dockerPlace, usualInstallFolders } from '../docker-place.ts';
import type { OperationOptions } from '../operation.ts';
import type { InputOf, OperationName, ResultOf } from '../operations/operations.ts';
import { leftProblem } from '../operations/recover.ts';
import { begun, type TaskRecord, type Tasks } from '../tasks/tasks.ts';
import type { DesktopPort } from '../desktop-port.ts';
import { desktopHandlers } from './desktop-handlers.ts';
import type { CallHandlers } from './router.ts';

type Run = <Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  signal: AbortSignal,
) => Promise<ResultOf<Name>>;

export type HandlerParts = Readonly<{
  run: <Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    options: OperationOptions,
  ) => Promise<ResultOf<Name>>;
  tasks: Tasks;
  /** Where the pages are those of a desktop. */
  desktop?: DesktopPort | undefined;
}>;

/** What each call of the contract does: it asks an operation, or begins one as a task. */
export function createHandlers({ run: runOperation, tasks, desktop }: HandlerParts): CallHandlers {
  const run: Run = (name, input, signal) =>
    runOperation(name, input, { signal, onProgress: () => undefined });
  return {
    'status.get': async (_, signal) => await run('status', {}, signal),
    ...backupHandlers(run),
    ...historyHandlers(run),
    ...taskHandlers(run, tasks),
    ...scheduleHandlers(run),
    ...placeHandlers(run),
    ...noticeHandlers(run),
    ...setupHandlers(run),
    ...firstRunHandlers(run),
    ...desktopHandlers(desktop),
  };
}

type Part<Prefix extends string> = Pick<CallHandlers, Extract<keyof CallHandlers, `${Prefix}.${string}`>>;

function backupHandlers(run: Run): Part<'backups'> {
  return {
    'backups.list': async (input, signal) => await run('listPage', input, signal),
    'backups.show': async (input, signal) => await run('show', input, signal),
    'backups.files': async (input, signal) => await run('filesPage', input, signal),
    'backups.find': async (input, signal) => await run('find', input, signal),
    'backups.compare': async (input, signal) => await run('diffPage', input, signal),
    'backups.pin': async (input, signal) => await run('pin', input, signal),
    'backups.delete': async (input, signal) => await run('delete', input, signal),
    'backups.undelete': async (input, signal) => await run('undelete', input, signal),
  };
}

function historyHandlers(run: Run): Part<'history' | 'activity' | 'agents' | 'entitlements'> {
  return {
    'history.list': async (input, signal) => await run('history', input, signal),
    'history.timeline': async (input, signal) => await run('timeline', input, signal),
    'history.show': async (input, signal) => await run('runDetails', input, signal),
    'history.coverage': async (input, signal) => await run('coverage', input, signal),
    'activity.list': async (input, signal) => await run('events', input, signal),
    'agents.list': async (_, signal) => await run('agents', {}, signal),
    'agents.sizes': async (_, signal) => await run('agentSizes', {}, signal),
    'entitlements.get': async (_, signal) => await run('entitlements', {}, signal),
  };
}

function taskHandlers(
  run: Run,
  tasks: Tasks,
): Part<
  'tasks' | 'backup' | 'restore' | 'quietStart' | 'recovery' | 'verify' | 'drill' | 'prove' | 'export'
> &
  Pick<CallHandlers, 'copies.run'> {
  return {
    'tasks.list': async () => ({ tasks: tasks.list().map((record) => taskOf(record)) }),
    'tasks.get': async ({ taskId }) => taskOf(tasks.get(taskId)),
    'tasks.cancel': async ({ taskId }) => {
      tasks.cancel(taskId);
      return { taskId };
    },
    'backup.start': async (input) => await begun(tasks.start('backup', input)),
    'restore.plan': async (input) => tasks.start('restorePlan', withDocker(input)),
    'restore.planPaths': async (input, signal) => await run('restorePlanPaths', input, signal),
    'restore.start': async (input) => tasks.start('restore', withDocker(input)),
    'restore.finish': async (input) => tasks.start('finish', input),
    'quietStart.end': async (_, signal) => await run('endQuietStart', {}, signal),
    'recovery.run': async (_, signal) => ({ problem: leftProblem(await run('recover', {}, signal)) }),
    'verify.start': async (input) => tasks.start('verify', input),
    'drill.start': async (input) => await begun(tasks.start('drill', input)),
    'prove.start': async (input) => tasks.start('prove', input),
    'export.start': async (input) => tasks.start('export', input),
    'copies.run': async (input) => await begun(tasks.start('copiesRun', input)),
  };
}

function scheduleHandlers(run: Run): Part<'schedule' | 'run'> {
  return {
    'schedule.get': async (_, signal) => await run('schedule', {}, signal),
    'schedule.pause': async (input, signal) => await run('pause', input, signal),
    'schedule.resume': async (_, signal) => await run('resume', {}, signal),
    'run.cancel': async (_, signal) => await run('cancel', {}, signal),
  };
}

function placeHandlers(
  run: Run,
): Omit<Part<'copies' | 'retention'>, 'copies.run'> & Pick<CallHandlers, 'vault.size'> {
  return {
    'vault.size': async (_, signal) => await run('vaultSize', {}, signal),
    'copies.list': async (_, signal) => await run('copiesStatus', {}, signal),
    'copies.add': async (input, signal) => await run('copiesAdd', input, signal),
    'copies.remove': async (input, signal) => await run('copiesRemove', input, signal),
    'retention.preview': async (input, signal) =>
      await run('prune', { ...input, dryRun: true, confirmed: false }, signal),
    'retention.prune': async (input, signal) => await run('prune', { ...input, dryRun: false }, signal),
    'retention.lastCopies': async (input, signal) => await run('lastCopies', input, signal),
  };
}

function noticeHandlers(run: Run): Part<'notices' | 'support'> {
  return {
    'notices.list': async (_, signal) => await run('notices', {}, signal),
    'notices.test': async (input, signal) => await run('noticesTest', input, signal),
    'notices.mailPassword': async (input, signal) => await run('mailPassword', input, signal),
    'support.download': async (_, signal) => await run('supportDownload', {}, signal),
  };
}

/** Where this user has Docker, and Trinity usually. */
function surroundings() {
  return { docker: dockerPlace(), lookIn: [...usualInstallFolders()] };
}

function setupHandlers(
  run: Run,
): Omit<Part<'home' | 'api' | 'install' | 'vault' | 'storage' | 'keys' | 'settings'>, 'vault.size'> {
  return {
    'home.get': async (_, signal) => await run('homeInfo', {}, signal),
    'api.token': async (input, signal) => await run('apiToken', input, signal),
    'install.set': async (input, signal) => await run('install', { ...input, ...surroundings() }, signal),
    'vault.init': async (input, signal) => await run('init', input, signal),
    'vault.connect': async (input, signal) => await run('connect', input, signal),
    'storage.test': async (input, signal) => await run('storageTest', input, signal),
    'keys.list': async (_, signal) => await run('keysList', {}, signal),
    'keys.addPassphrase': async (input, signal) => await run('keysAddPassphrase', input, signal),
    'keys.newRecoveryKey': async (_, signal) => await run('keysNewRecoveryKey', {}, signal),
    'keys.remove': async (input, signal) => await run('keysRemove', input, signal),
    'keys.rotate': async (_, signal) => await run('keysRotate', {}, signal),
    'keys.sheet': async (input, signal) => await run('recoverySheet', input, signal),
    'keys.recoveryKitPage': async (_, signal) => await run('recoveryKitPage', {}, signal),
    // Without a path it is the whole of the settings.
    'settings.get': async (_, signal) => (await run('settingsGet', { path: [] }, signal)) as BackupSettings,
    'settings.set': async (input, signal) => await run('settingsSet', input, signal),
  };
}

function firstRunHandlers(run: Run): Part<'setup' | 'folders' | 'exclusions'> {
  return {
    'setup.get': async (_, signal) => await run('setupGet', {}, signal),
    'setup.note': async (input, signal) => await run('setupNote', input, signal),
    'setup.probe': async (input, signal) => await run('setupProbe', { ...input, ...surroundings() }, signal),
    'setup.sample': async (_, signal) => await run('setupSample', {}, signal),
    'folders.list': async (input, signal) => await run('foldersList', input, signal),
    'folders.look': async (input, signal) => await run('foldersLook', input, signal),
    'exclusions.preview': async (input, signal) => await run('exclusionsPreview', input, signal),
  };
}

type RestoreInput = InputOf<'restore'>;

/** A new install may go into the Docker engine of whoever runs this. */
function withDocker(input: RestoreInput): RestoreInput {
  const { destination } = input;
  if (destination.way !== 'new-install') return input;
  return { ...input, destination: { ...destination, docker: dockerPlace() } };
}

function taskOf(record: TaskRecord): Task {
  const { taskId, operation, startedMs, finishedMs, progress, steps, result, error } = record;
  return task.parse({
    taskId,
    operation,
    state: finishedMs === undefined ? 'running' : error === undefined ? 'succeeded' : 'failed',
    startedAt: new Date(startedMs).toISOString(),
    finishedAt: finishedMs === undefined ? null : new Date(finishedMs).toISOString(),
    progress: progress ?? null,
    steps: steps.map(({ number, of, name, ...times }) => ({
      number,
      of,
      name,
      startedAt: new Date(times.startedMs).toISOString(),
      finishedAt: times.finishedMs === undefined ? null : new Date(times.finishedMs).toISOString(),
    })),
    result: result ?? null,
    error: error === undefined ? null : crossingError(error),
  });
}
