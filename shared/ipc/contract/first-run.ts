import { z } from 'zod';
import { setupStep } from '../../model/setup-step.ts';
import { type CallSpec, hostPath, nothing } from './parts.ts';
import { installQuestion, installReport } from './setup.ts';

const progress = z.object({
  /** Install and vault are both named. */
  isSetUp: z.boolean(),
  /** What a set-up in the pages that is not finished goes on with. */
  step: setupStep.nullable(),
});

/** From nothing to the first proven backup. */
export const firstRunCalls = {
  'setup.get': { input: nothing, output: progress },
  /** Remembers how far a set-up is; null: it is done. */
  'setup.note': { input: z.strictObject({ step: setupStep.nullable() }), output: progress },
  /** What is on this machine, also when it is not enough. Sets nothing. */
  'setup.probe': {
    input: installQuestion,
    output: z.object({
      docker: z.object({
        state: z.enum(['answers', 'refused', 'absent', 'failed']),
        words: z.string(),
        /** What gives this user the right to use Docker, and what that allows. */
        mend: z.object({ command: z.string(), allows: z.string() }).nullable(),
      }),
      report: installReport.nullable(),
      /** Why there is no report. */
      problem: z.string().nullable(),
      environment: z.enum(['readable', 'unreadable', 'missing']).nullable(),
      /** `/data` with the database; null where it is not known, or takes too long to count. */
      dataBytes: z.number().nullable(),
      /** Why the key of a new vault could not be kept here; null: it could. */
      keyProblem: z.string().nullable(),
    }),
  },
  /** Writes a sample install into a new folder of the home, to try everything on. */
  'setup.sample': {
    input: nothing,
    output: z.object({ installFolder: z.string(), volumesRoot: z.string() }),
  },
  /** The names of the folders in one, that of the user at first; nothing else of them is told. */
  'folders.list': {
    input: z.strictObject({ folder: hostPath.optional() }),
    output: z.object({
      folder: z.string(),
      /** Null at the root. */
      parent: z.string().nullable(),
      folders: z.array(z.string()),
      /** There are more than are told. */
      isCut: z.boolean(),
    }),
  },
  /** Whether a vault could lie in a folder, which may not be there yet. */
  'folders.look': {
    input: z.strictObject({ folder: hostPath }),
    output: z.object({
      folder: z.string(),
      state: z.enum(['missing', 'empty', 'used', 'vault', 'no-folder']),
      /** Of its disk, or of the one that it would lie on. */
      freeBytes: z.number(),
      totalBytes: z.number(),
      /** Null while no install is set. */
      isOnInstallDisk: z.boolean().nullable(),
      isWritable: z.boolean(),
    }),
  },
} as const satisfies Record<string, CallSpec>;
