import { createHash } from 'node:crypto';

export type SampleSize = 'small' | 'large';

export type SampleAgent = Readonly<{
  name: string;
  /** `volume_base_name` of an agent that was renamed. */
  base?: string;
  fileSharing?: true;
  exposes?: true;
  consumes?: true;
  deletedAt?: string;
  ephemeral?: true;
  system?: true;
}>;

/** Every kind of agent that a backup must get right. */
export const sampleAgents: readonly SampleAgent[] = [
  { name: 'echo' },
  { name: 'research', base: 'scout', fileSharing: true },
  { name: 'writer', exposes: true },
  { name: 'reader', consumes: true },
  { name: 'old-bot', deletedAt: '2026-09-14T08:30:00.000Z' },
  { name: 'ghost-1a2b3c4d', ephemeral: true },
  { name: 'no-box' },
  { name: 'trinity-system', system: true },
];

/** `labelled`: false for a volume that somebody made by hand. */
export type SampleVolume = Readonly<{ name: string; labelled: boolean }>;

/** The agents' volumes: one left from before a rename, one that no row owns, one without labels. */
export const sampleVolumes: readonly SampleVolume[] = [
  { name: 'agent-echo-workspace', labelled: true },
  { name: 'agent-scout-workspace', labelled: true },
  { name: 'agent-research-public', labelled: true },
  { name: 'agent-scout-public', labelled: true },
  { name: 'agent-writer-workspace', labelled: true },
  { name: 'agent-writer-shared', labelled: true },
  { name: 'agent-reader-workspace', labelled: true },
  { name: 'agent-old-bot-workspace', labelled: true },
  { name: 'agent-no-box-workspace', labelled: false },
  { name: 'agent-trinity-system-workspace', labelled: true },
  { name: 'agent-lost-workspace', labelled: true },
];

/** Volumes on the same host that are not backed up: the platform's own, and a stranger's. */
export const sampleOtherVolumes: readonly string[] = [
  'trinity_redis-data',
  'trinity_trinity-logs',
  'trinity_agent-configs',
  'weblog_database',
];

export type SampleCounts = Readonly<{
  executions: number;
  messages: number;
  auditEntries: number;
  /** Files of `content/` in the workspace of `echo`, and bytes of each. */
  contentFiles: number;
  contentBytes: number;
  /** Small text files in the workspace of `writer`. */
  notes: number;
}>;

export const sampleCounts: Readonly<Record<SampleSize, SampleCounts>> = {
  small: {
    executions: 500,
    messages: 1000,
    auditEntries: 300,
    contentFiles: 6,
    contentBytes: 1_000_000,
    notes: 300,
  },
  large: {
    executions: 20_000,
    messages: 40_000,
    auditEntries: 20_000,
    contentFiles: 8,
    contentBytes: 16_000_000,
    notes: 20_000,
  },
};

const firstDay = Date.UTC(2026, 8, 28, 6);
const dayMs = 86_400_000;

/** ISO 8601 of a moment `minutes` after the morning of a sample's day; day 0 is the day it was made. */
export function sampleTime(day: number, minutes: number): string {
  return new Date(firstDay + day * dayMs + minutes * 60_000).toISOString();
}

/** The link of the audit log's hash chain that follows `previous`. */
export function auditHash(previous: string, entry: string): string {
  return createHash('sha256').update(previous).update(entry).digest('hex');
}
