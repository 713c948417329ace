import type { FailureKind } from '../../../shared/model/failure-kind.ts';
import type { QuietStartView } from '../../../shared/model/quiet-start.ts';
import type { BackupSettings } from '../../../shared/model/settings.ts';

/** One source of the install that ought to be backed up; times in ms since 1970. */
export type SourceFacts = Readonly<{
  /** As `sourceText`. */
  source: string;
  /** For people, within a sentence: `the database`, `agent research`. */
  name: string;
  lastGoodMs: number | undefined;
  provenMs: number | undefined;
  /** The last run tried it and failed. */
  lastRunFailed: boolean;
}>;

/** One further storage that holds the same vault. */
export type CopyFacts = Readonly<{
  /** As `copiesRun` is asked for it. */
  name: string;
  place: string;
  required: boolean;
  /** Since when there is a backup that it lacks; undefined when it has all. */
  behindSinceMs: number | undefined;
  /** Why it could not be written the last time, one sentence. */
  problem: string | undefined;
}>;

/** A run that is on. `percent` and `leftMs` are of the phase, one source in most cases. */
export type RunningFacts = Readonly<{
  what: 'backup' | 'restore';
  /** What is restored, for people. */
  subject?: string | undefined;
  phase?: string | undefined;
  percent?: number | undefined;
  leftMs?: number | undefined;
  /** Of a restore: which of how many. */
  step?: Readonly<{ number: number; of: number }> | undefined;
}>;

/**
 * `changed`: the newest backup is of another version than the one that is there. `ready`: a version lies in the checkout that does not
 * run yet.
 */
export type UpgradeFacts = Readonly<{ kind: 'changed' | 'ready'; from: string; to: string }>;

/** Everything that the state of a home is judged by. */
export type StatusFacts = Readonly<{
  nowMs: number;
  isSetUp: boolean;
  /** `absent`: the vault's place is not there just now; `unusable`: something else keeps it from being opened. */
  vault: 'open' | 'locked' | 'absent' | 'unusable';
  /** Where the vault was looked for. */
  vaultPlace: string;
  /** Why the vault is not open, one sentence. */
  vaultProblem: string | undefined;
  /** What the install or its engine lacks, so that nothing can be copied now: where, and one sentence. */
  installProblem: Readonly<{ place: string; sentence: string }> | undefined;
  running: RunningFacts | undefined;
  /** A journal is being finished or undone just now. */
  isRecovering: boolean;
  /** An interrupted run that could not be put in order: why. */
  unrecovered: string | undefined;
  /** What is known to be damaged and not healed yet, one sentence. */
  damage: string | undefined;
  /** Nothing but a rehearsal says so: the next one may say otherwise. */
  isDamageOfRehearsal: boolean;
  /** `stopped`: it should run, since it is enabled and has run in this home, and does not. */
  schedule: 'running' | 'stopped' | 'off' | 'unknown';
  nextRunMs: number | undefined;
  /** By the user; without an end until it is resumed. */
  pause: Readonly<{ untilMs: number | undefined }> | undefined;
  sources: readonly SourceFacts[];
  /** The last backup run failed as a whole or in part: when and why. */
  lastFailure: Readonly<{ atMs: number; cause: string; kind: FailureKind }> | undefined;
  copies: readonly CopyFacts[];
  /** Warnings of the newest backup, and which one that is. */
  warnings: readonly string[];
  newestBackupId: string | undefined;
  objectives: BackupSettings['objectives'];
  /** Module `backup` is there: without it neither schedule, copies nor rehearsals are judged. */
  isEntitled: boolean;
  upgrade: UpgradeFacts | undefined;
  /** What a restored new install needs yet; neither: that is not known. */
  newInstall: Readonly<{ database: boolean; agents: number }> | undefined;
  /** The recovery kit was never rehearsed, or not for long: since when that is due. */
  kitDueSinceMs: number | undefined;
  /** What a restore has turned off in Trinity and nobody has turned on since. */
  quietStart: QuietStartView | undefined;
  /** Free space at the vault's place, and under which no backup is written; undefined where it cannot be told. */
  space: Readonly<{ freeBytes: number; neededBytes: number }> | undefined;
}>;

/** Facts that whoever gathers does not know: nothing is judged by them. */
export const unknownFacts = {
  installProblem: undefined,
  isRecovering: false,
  isDamageOfRehearsal: false,
  schedule: 'unknown',
  nextRunMs: undefined,
  pause: undefined,
  copies: [],
  newestBackupId: undefined,
  isEntitled: true,
  upgrade: undefined,
  newInstall: undefined,
  kitDueSinceMs: undefined,
  quietStart: undefined,
  space: undefined,
} as const satisfies Partial<StatusFacts>;
