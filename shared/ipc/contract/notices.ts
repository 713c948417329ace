import { z } from 'zod';
import { sinkName, sinkState } from '../../model/notice.ts';
import { statusCause } from '../../model/status.ts';
import { type CallSpec, nothing } from './parts.ts';

/** What is told, and to whom. */
export const noticeCalls = {
  'notices.list': {
    input: nothing,
    output: z.object({
      notices: z.array(
        statusCause.extend({
          sinceMs: z.number(),
          toldMs: z.number().nullable(),
          pausedUntilMs: z.number().nullable(),
        }),
      ),
      sinks: z.array(sinkState),
    }),
  },
  'notices.test': { input: z.strictObject({ sink: sinkName }), output: z.object({ sink: z.string() }) },
  'notices.mailPassword': {
    input: z.strictObject({ password: z.string().min(1).max(1024).nullable() }),
    output: z.object({ isKept: z.boolean() }),
  },
  /** A zip for a browser to save. */
  'support.download': {
    input: nothing,
    output: z.object({ name: z.string(), base64: z.string(), files: z.array(z.string()) }),
  },
} as const satisfies Record<string, CallSpec>;
