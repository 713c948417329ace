import { z } from 'zod';
import { severity, statusCause } from './status.ts';

/** Where notices go. `tray`: the desktop, where there is one. `queue`: the operator queue of Trinity. */
export const sinkNames = ['tray', 'webhook', 'mail', 'queue'] as const;

export const sinkName = z.enum(sinkNames);

export type SinkName = z.infer<typeof sinkName>;

/**
 * `raised`: a cause is told for the first time. `escalated`: it became worse. `reminded`: it is still there. `withdrawn`: it is gone.
 * `done`: good news without a cause. `test`: asked for by hand.
 */
const noticeEvent = z.enum(['raised', 'escalated', 'reminded', 'withdrawn', 'done', 'test']);

/** One thing to say. */
const noticeMessage = z.strictObject({
  event: noticeEvent,
  cause: statusCause,
  /** Since when the cause is there; ms since 1970. */
  sinceMs: z.number(),
  atMs: z.number(),
  /** Of a withdrawal: it had escalated, so that people are told once that it is over. */
  isSaid: z.boolean(),
});

export type NoticeMessage = Readonly<z.infer<typeof noticeMessage>>;

/** A cause that is there: whether, when and how badly it was told. */
const noticeEntry = z.strictObject({
  cause: statusCause,
  sinceMs: z.number(),
  /** `atMs`: the last time. */
  told: z.strictObject({ atMs: z.number(), severity, times: z.number().int() }).optional(),
  hasEscalated: z.boolean(),
  pausedUntilMs: z.number().optional(),
});

export type NoticeEntry = Readonly<z.infer<typeof noticeEntry>>;

/** Causes by their key. */
const noticeBook = z.record(z.string(), noticeEntry);

export type NoticeBook = Readonly<z.infer<typeof noticeBook>>;

/** Something that a sink has still to deliver. */
const outboxEntry = z.strictObject({
  id: z.string(),
  sink: sinkName,
  message: noticeMessage,
  /** Not before this: quiet hours, or a failed attempt. */
  notBeforeMs: z.number(),
  attempts: z.number().int(),
});

export type OutboxEntry = Readonly<z.infer<typeof outboxEntry>>;

/** How the last delivery of a sink went. */
const sinkOutcome = z.strictObject({
  atMs: z.number(),
  /** One sentence; absent when it went well. */
  problem: z.string().optional(),
});

export const noticesFile = z.strictObject({
  version: z.literal(1),
  book: noticeBook,
  outbox: z.array(outboxEntry),
  outcomes: z.partialRecord(sinkName, sinkOutcome),
  isFirstSuccessTold: z.boolean(),
});

export type NoticesFile = Readonly<z.infer<typeof noticesFile>>;

/** A sink as a page shows it; `reason` says why it is off. */
export const sinkState = z.strictObject({
  name: sinkName,
  isOn: z.boolean(),
  reason: z.string().optional(),
  lastAtMs: z.number().optional(),
  lastProblem: z.string().optional(),
  waiting: z.number().int(),
});

export type SinkState = Readonly<z.infer<typeof sinkState>>;
