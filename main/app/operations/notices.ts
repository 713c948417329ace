import { z } from 'zod';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import {
  type NoticeEntry,
  type NoticeMessage,
  type NoticesFile,
  sinkName,
  sinkNames,
  type SinkState,
} from '../../../shared/model/notice.ts';
import type { StatusCause } from '../../../shared/model/status.ts';
import type { Engine } from '../engine.ts';
import { paused, situationOf, standingNotices } from '../notices/decide.ts';
import { deliveryLimitMs } from '../notices/deliver.ts';
import { engineSinks } from '../notices/engine-sinks.ts';
import { mailCredential } from '../notices/sinks/mail-sink.ts';
import type { Sinks } from '../notices/sinks/make-sinks.ts';
import { operation } from '../operation.ts';
import { factsNow } from '../status/facts-now.ts';
import { judge } from '../status/judge.ts';

const hourMs = 3_600_000;
const lookLimitMs = 15_000;

export type NoticeView = StatusCause &
  Readonly<{ sinceMs: number; toldMs: number | null; pausedUntilMs: number | null }>;

/** What is wrong now, told or not, and the ways in which it is told. Looked at anew: nothing may run that would have told it. */
export const notices = operation(
  z.strictObject({}),
  async (engine): Promise<Readonly<{ notices: readonly NoticeView[]; sinks: readonly SinkState[] }>> => {
    const file = await engine.notices.read();
    const { settings } = await engine.settings.read();
    const sinks = await engineSinks(engine, settings.backup.notifications);
    const queueProblem = await problemOfQueue(engine, sinks);
    return {
      notices: (await noticesNow(engine, file)).map(({ cause, sinceMs, told, pausedUntilMs }) => ({
        ...cause,
        sinceMs,
        toldMs: told?.atMs ?? null,
        pausedUntilMs: pausedUntilMs ?? null,
      })),
      sinks: sinkNames.map((name) => stateOf(name, { file, sinks, queueProblem })),
    };
  },
);

/** Says nothing more of one cause for so long; then it is told again, should it still be there. */
export const noticesPause = operation(
  z.strictObject({ key: z.string().max(400), hours: z.number().min(1).max(8760).default(24) }),
  async (engine, { key, hours }): Promise<Readonly<{ key: string; pausedUntilMs: number }>> => {
    const pausedUntilMs = engine.now() + hours * hourMs;
    const standing = await noticesNow(engine, await engine.notices.read());
    await engine.notices.change((before) => {
      const entry = before.book[key] ?? standing.find(({ cause }) => cause.key === key);
      if (entry === undefined) throw new AppError('not-found', `There is no notice ${key} now.`);
      return { ...before, book: { ...before.book, [key]: paused(entry, pausedUntilMs) } };
    });
    engine.events.emit('noticesChanged', {});
    return { key, pausedUntilMs };
  },
);

/** Sends a test to one sink, at once and once, and rejects with what went wrong. */
export const noticesTest = operation(
  z.strictObject({ sink: sinkName }),
  async (engine, { sink: name }, { signal }): Promise<Readonly<{ sink: string }>> => {
    const { settings } = await engine.settings.read();
    const sinks = await engineSinks(engine, settings.backup.notifications);
    const sink = sinks.on.find((each) => each.name === name);
    if (sink === undefined) throw new AppError('refused', reasonOf(name, sinks));
    const limited = AbortSignal.any([signal, AbortSignal.timeout(deliveryLimitMs)]);
    const message = testMessage(engine.now());
    await sink.deliver(message, limited);
    // A test leaves nothing open in a queue that people work off.
    if (name === 'queue') await sink.deliver({ ...message, event: 'withdrawn' }, limited);
    return { sink: name };
  },
);

/** Keeps the password of the mail server of the settings, sealed; null forgets it. */
export const mailPassword = operation(
  z.strictObject({ password: z.string().min(1).max(1024).nullable() }),
  async (engine, { password }): Promise<Readonly<{ isKept: boolean }>> => {
    const { settings } = await engine.settings.read();
    const { mail } = settings.backup.notifications;
    if (mail?.user === undefined) {
      throw new AppError(
        'refused',
        'Set notifications.mail with a user first: a password is kept for one server.',
      );
    }
    const name = mailCredential(mail);
    if (password === null) await engine.credentials.forget(name);
    else await engine.credentials.keep(name, password);
    return { isKept: password !== null };
  },
);

async function noticesNow(engine: Engine, { book }: NoticesFile): Promise<readonly NoticeEntry[]> {
  const facts = await factsNow(engine);
  return standingNotices(book, situationOf({ facts, judgement: judge(facts) }, engine.now()));
}

type Seen = Readonly<{ file: NoticesFile; sinks: Sinks; queueProblem: string | undefined }>;

function stateOf(name: SinkState['name'], { file, sinks, queueProblem }: Seen): SinkState {
  const off = sinks.off.find((sink) => sink.name === name)?.reason;
  const reason = off ?? (name === 'queue' ? queueProblem : undefined);
  const outcome = file.outcomes[name];
  return {
    name,
    isOn: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ...(outcome === undefined ? {} : { lastAtMs: outcome.atMs }),
    ...(outcome?.problem === undefined ? {} : { lastProblem: outcome.problem }),
    waiting: file.outbox.filter(({ sink }) => sink === name).length,
  };
}

/** Why the operator queue, which is switched on, cannot be written just now. */
async function problemOfQueue(engine: Engine, { on }: Sinks): Promise<string | undefined> {
  if (!on.some(({ name }) => name === 'queue')) return undefined;
  try {
    const { requireQueue } = await import('../../trinity/operator-queue.ts');
    const { readInstall } = await engine.services();
    await requireQueue(await readInstall(), AbortSignal.timeout(lookLimitMs));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function reasonOf(name: string, { off }: Sinks): string {
  return `There is nothing to test: ${off.find((sink) => sink.name === name)?.reason ?? 'it is off.'}`;
}

function testMessage(nowMs: number): NoticeMessage {
  const cause = {
    key: 'test',
    severity: 'info' as const,
    title: 'A test',
    body: 'This is how Trinity Backup tells you when something is wrong.',
    action: null,
  };
  return { event: 'test', cause, sinceMs: nowMs, atMs: nowMs, isSaid: true };
}
