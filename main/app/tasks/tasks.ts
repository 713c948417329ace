import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { TaskOperation } from '../../../shared/ipc/contract/tasks.ts';
import type { Progress } from '../../backup/services.ts';
import { appErrorOf } from '../app-error-of.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { OperationOptions } from '../operation.ts';
import type { InputOf } from '../operations/operations.ts';

/** One step of a run; times in ms since 1970. */
export type TaskStep = Readonly<{
  number: number;
  of: number;
  name: string;
  startedMs: number;
  /** Undefined while it is on, and where the task failed in it. */
  finishedMs: number | undefined;
}>;

/** One run of an operation that takes long. */
export type TaskRecord = Readonly<{
  taskId: string;
  operation: TaskOperation;
  startedMs: number;
  /** Undefined while it runs. */
  finishedMs: number | undefined;
  progress: Progress | undefined;
  /** Those that have begun, in their order; the last one is on, or was when the task ended. */
  steps: readonly TaskStep[];
  /** What the operation answered, once it has succeeded. */
  result: unknown;
  error: AppError | undefined;
  /** Resolves when it has ended, however. */
  done: Promise<void>;
  /** Resolves when the run has begun, or has ended without (refused): events tell of it under the task's id. */
  begun: Promise<void>;
}>;

type Mutable<Record> = { -readonly [Key in keyof Record]: Record[Key] };
type Task = Readonly<{ record: Mutable<TaskRecord>; cancel: AbortController }>;

export type RunOperation = <Name extends TaskOperation>(
  name: Name,
  input: InputOf<Name>,
  options: OperationOptions,
) => Promise<unknown>;

const keptTasks = 100;

/**
 * Long work that pages and REST begin and look after: it goes on whoever stops listening. Those that are done are remembered, the
 * newest hundred, until the application ends.
 */
export class Tasks implements AsyncDisposable {
  readonly #run: RunOperation;
  readonly #now: () => number;
  readonly #events: EventBus;
  readonly #tasks = new Map<string, Task>();

  constructor(run: RunOperation, parts: Readonly<{ now: () => number; events: EventBus }>) {
    this.#run = run;
    this.#now = parts.now;
    this.#events = parts.events;
  }

  /** Begins an operation; how it ends is told by the task. */
  start<Name extends TaskOperation>(operation: Name, input: InputOf<Name>): TaskRecord {
    const cancel = new AbortController();
    const record: Mutable<TaskRecord> = {
      taskId: randomBytes(16).toString('hex'),
      operation,
      startedMs: this.#now(),
      finishedMs: undefined,
      progress: undefined,
      steps: [],
      result: undefined,
      error: undefined,
      done: Promise.resolve(),
      begun: Promise.resolve(),
    };
    const onProgress = (progress: Progress): void => {
      record.progress = progress;
      record.steps = stepsAfter(record.steps, progress.step, this.#now());
    };
    const run = async (): Promise<unknown> =>
      await this.#run(operation, input, { signal: cancel.signal, onProgress, runId: record.taskId });
    const begun = Promise.withResolvers<void>();
    record.begun = begun.promise;
    const listening = this.#events.on('runStarted', ({ runId }) => {
      if (runId === record.taskId) begun.resolve();
    });
    record.done = this.#work(record, run, cancel.signal).finally(() => {
      listening[Symbol.dispose]();
      begun.resolve();
    });
    this.#tasks.set(record.taskId, { record, cancel });
    this.#forgetOld();
    return record;
  }

  /** Newest first. */
  list(): readonly TaskRecord[] {
    return [...this.#tasks.values()].map(({ record }) => record).toReversed();
  }

  /** `not-found` when there is none, or none any more. */
  get(taskId: string): TaskRecord {
    return this.#find(taskId).record;
  }

  /** Nothing happens to one that has ended. */
  cancel(taskId: string): void {
    this.#find(taskId).cancel.abort(new AppError('cancelled', 'It was cancelled.'));
  }

  /** Cancels what runs and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { taskId } of this.list()) this.cancel(taskId);
    await Promise.all(this.list().map(async ({ done }) => await done));
  }

  #find(taskId: string): Task {
    const found = this.#tasks.get(taskId);
    if (found !== undefined) return found;
    throw new AppError('not-found', 'There is no such task: it may be of before the last restart.');
  }

  async #work(record: Mutable<TaskRecord>, run: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    try {
      record.result = await run();
      record.steps = stepsAfter(record.steps, undefined, this.#now());
    } catch (error) {
      // Deep down an abort shows as many things; what the person did is what is told.
      record.error = appErrorOf(signal.aborted && !(error instanceof AppError) ? signal.reason : error);
    }
    record.finishedMs = this.#now();
  }

  #forgetOld(): void {
    const ended = this.list()
      .filter(({ finishedMs }) => finishedMs !== undefined)
      .toReversed();
    for (const { taskId } of ended.slice(0, Math.max(0, this.#tasks.size - keptTasks))) {
      this.#tasks.delete(taskId);
    }
  }
}

/** A task once it has begun; rejects with what refused it before (busy, the vault is away): that no event tells. */
export async function begun(task: TaskRecord): Promise<TaskRecord> {
  await task.begun;
  if (task.error !== undefined) throw task.error;
  return task;
}

/** A run may take a step once more, which makes those after it undone. */
function stepsAfter(steps: readonly TaskStep[], next: Progress['step'], nowMs: number): readonly TaskStep[] {
  const last = steps.at(-1);
  if (next !== undefined && last?.number === next.number) return steps;
  const ended = steps.map((step) => ({ ...step, finishedMs: step.finishedMs ?? nowMs }));
  if (next === undefined) return ended;
  return [...ended.slice(0, next.number - 1), { ...next, startedMs: nowMs, finishedMs: undefined }];
}
