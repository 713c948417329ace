import { z } from 'zod';
import { type CallSpec, hostPath, nothing } from './parts.ts';

const title = z.string().min(1).max(200);

/** What only the desktop application can do; in a browser these are `refused`, but for `desktop.get`. */
export const desktopCalls = {
  'desktop.get': {
    input: nothing,
    output: z.object({
      /** False in a browser. */
      isDesktop: z.boolean(),
      startsAtLogin: z.boolean(),
      /** Null where that cannot be told. */
      hasTray: z.boolean().nullable(),
    }),
  },
  /** Null when none was chosen. */
  'desktop.chooseFolder': {
    input: z.strictObject({ title }),
    output: z.object({ folder: z.string().nullable() }),
  },
  /** Where a file is to be written; `name` is offered. Null when none was chosen. */
  'desktop.chooseFile': {
    input: z.strictObject({ title, name: z.string().min(1).max(200) }),
    output: z.object({ file: z.string().nullable() }),
  },
  'desktop.openFolder': { input: z.strictObject({ folder: hostPath }), output: nothing },
  'desktop.startAtLogin': { input: z.strictObject({ isOn: z.boolean() }), output: nothing },
} as const satisfies Record<string, CallSpec>;
