import { z } from 'zod';
import { entitledFeature, moduleId } from '../../model/entitlement.ts';
import { activityEvent, eventFilter, run, runFilter, runSource } from '../../model/history.ts';
import { timelineFilter, timelineRow, timelineSource } from '../../model/timeline.ts';
import { type CallSpec, nothing, pageLimit } from './parts.ts';

/** `before` is the `next` of the page before. */
const page = { limit: pageLimit.default(100), before: z.number().int().optional() };
const next = z.number().int().nullable();

/** What was done, by whom, and what this edition may do. */
export const historyCalls = {
  /** Runs, newest first. */
  'history.list': {
    input: z.strictObject({ ...page, filter: runFilter.prefault({}) }),
    output: z.object({ runs: z.array(run), next }),
  },
  /** Backups and the runs that made none, newest first: any stretch of the whole list. */
  'history.timeline': {
    input: z.strictObject({
      offset: z.number().int().min(0).max(1_000_000).default(0),
      limit: pageLimit.default(100),
      filter: timelineFilter.prefault({}),
    }),
    output: z.object({
      rows: z.array(timelineRow),
      /** Rows of the whole list that fit. */
      total: z.number(),
      /** What the list can be filtered by, whatever it is filtered by now. */
      components: z.array(z.string()),
      agents: z.array(z.string()),
      /** Backups that do not open, which may be damaged. */
      unreadable: z.array(z.object({ backupId: z.string(), reason: z.string() })),
      source: timelineSource,
    }),
  },
  'history.show': {
    input: z.strictObject({ runId: z.number().int() }),
    output: z.object({ run, sources: z.array(runSource), events: z.array(activityEvent) }),
  },
  /** What became of every source in so many days: strips of squares, charts. */
  'history.coverage': {
    input: z.strictObject({
      days: z.number().int().min(1).max(366),
      /** Left out for long spans, of which the runs alone are wanted. */
      withSources: z.boolean().default(true),
    }),
    output: z.object({
      sources: z.array(runSource.extend({ runId: z.number().int(), startedMs: z.number() })),
      runs: z.array(run),
    }),
  },
  'activity.list': {
    input: z.strictObject({ ...page, filter: eventFilter.prefault({}) }),
    output: z.object({ events: z.array(activityEvent), next }),
  },
  'entitlements.get': {
    input: nothing,
    output: z.object({
      edition: z.enum(['oss', 'enterprise']),
      entitled: z.array(z.string()),
      features: z.array(
        z.object({ feature: entitledFeature, entitlement: moduleId, isEntitled: z.boolean() }),
      ),
    }),
  },
} as const satisfies Record<string, CallSpec>;
