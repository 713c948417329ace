import { z } from 'zod';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { copySettings } from '../../../shared/model/settings.ts';
import type { CopySettings } from '../../../shared/model/settings.ts';
import { s3Credentials } from '../../../shared/model/s3-credentials.ts';
import type { CopyRun } from '../copies/vault-copies.ts';
import { addCopy } from '../copies/add-copy.ts';
import type { AddedCopy } from '../copies/add-copy.ts';
import { copyFacts } from '../copies/copy-facts.ts';
import type { Engine } from '../engine.ts';
import type { RunResult } from '../events/watch-run.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { recordRun } from '../record-run.ts';

const name = z.string().min(1).max(64);

/** Makes a place a further storage of the vault, or takes one that was. Nothing is copied yet. */
export const copiesAdd = operation(
  z.strictObject({
    location: z.string().max(4096),
    name: name.optional(),
    required: z.boolean().optional(),
    retention: copySettings.shape.retention,
    credentials: s3Credentials.optional(),
  }),
  async (engine, input, options): Promise<AddedCopy> => await addCopy(engine, input, options),
);

/** Forgets a copy; what lies there stays, and opens like any vault. */
export const copiesRemove = operation(
  z.strictObject({ name }),
  async (engine, input): Promise<Readonly<{ name: string; location: string }>> => {
    const { location } = await engine.copies.find(input.name);
    await engine.copies.interrupt(input.name);
    await engine.settings.change(({ backup, ...others }) => {
      const left = Object.entries(backup.copies).filter(([key]) => key !== input.name);
      return { ...others, backup: { ...backup, copies: Object.fromEntries(left) } };
    });
    await engine.copies.states.forget(input.name);
    return { name: input.name, location };
  },
);

export type CopyStatus = Omit<CopySettings, 'retention'> &
  Readonly<{
    name: string;
    /** Null: what the vault keeps. */
    retention: CopySettings['retention'] | null;
    isRunning: boolean;
    /** ISO 8601 in UTC; `behindSince` is null when it lacks no backup, or that is not known. */
    copiedAt: string | null;
    behindSince: string | null;
    /** How many backups of the vault it lacks; null while the vault cannot be asked. */
    lacks: number | null;
    problem: string | null;
    backups: number;
    packs: number;
    bytes: number;
  }>;

/** Every copy with how it stands, as this home remembers it: no copy is asked. */
export const copiesStatus = operation(z.strictObject({}), async (engine): Promise<readonly CopyStatus[]> => {
  const facts = await copyFacts(engine);
  return facts.map(({ name: copy, settings, state, behindSinceMs, lacks, isRunning }) => ({
    name: copy,
    ...settings,
    retention: settings.retention ?? null,
    isRunning,
    copiedAt: isoTime(state.copiedMs),
    behindSince: isoTime(behindSinceMs),
    lacks: lacks ?? null,
    problem: state.problem?.message ?? null,
    backups: state.backups,
    packs: state.packs,
    bytes: state.bytes,
  }));
});

export type CopiesRun = Readonly<{
  copies: readonly CopyRun[];
  /** Copies that could not be brought up, where more than one was asked for. */
  failed: readonly Readonly<{ name: string; kind: AppError['kind']; message: string }>[];
}>;

/** Copies what is new to one copy, or to all that are enabled beside each other; recorded in the history. */
export const copiesRun = operation(
  z.strictObject({ name: name.optional(), confirmed: z.boolean().optional() }),
  async (engine, { name: only, confirmed = false }, options): Promise<CopiesRun> => {
    if (only !== undefined) return { copies: [await runOne(engine, only, confirmed, options)], failed: [] };
    const names = await enabledCopies(engine);
    const ended = await Promise.allSettled(
      names.map(async (each) => await runOne(engine, each, confirmed, options)),
    );
    options.signal.throwIfAborted();
    const copies = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = ended.flatMap((each, number) =>
      each.status === 'rejected' ? [failureOf(names[number] ?? '', each.reason)] : [],
    );
    return { copies, failed };
  },
);

async function enabledCopies(engine: Engine): Promise<readonly string[]> {
  const { settings } = await engine.settings.read();
  const names = Object.entries(settings.backup.copies).flatMap(([key, { enabled }]) =>
    enabled ? [key] : [],
  );
  if (names.length > 0) return names;
  throw new AppError('not-found', 'There is no copy to write to: make one with copies add.');
}

async function runOne(
  engine: Engine,
  copy: string,
  confirmed: boolean,
  options: OperationOptions,
): Promise<CopyRun> {
  const run = async (watched: OperationOptions): Promise<CopyRun> =>
    await engine.copies.run(
      copy,
      { confirmed },
      {
        ...watched,
        onProgress: (progress) => watched.onProgress({ ...progress, detail: copy }),
      },
    );
  const told = async (): Promise<CopyRun> => await engine.watched({ what: 'copy' }, options, run, endOf);
  return await recordRun(engine, 'copy', told, {
    about: `to ${copy}`,
    done: (result) => ({ ...endOf(result), failedSources: [] }),
  });
}

function endOf({ problems: [first] }: CopyRun): RunResult {
  return first === undefined ? { outcome: 'succeeded' } : { outcome: 'incomplete', message: first };
}

function failureOf(copy: string, error: unknown): CopiesRun['failed'][number] {
  return { name: copy, kind: error instanceof AppError ? error.kind : 'failed', message: messageOf(error) };
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
