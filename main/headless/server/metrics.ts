import type { RememberedAgent } from '../../app/history/remembered-agents.ts';
import type { Status } from '../../app/operations/status.ts';
import { version } from '../../platform/version.ts';

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

type Sample = Readonly<{ labels?: Readonly<Record<string, string>>; value: number }>;
type Family = Readonly<{ name: string; help: string; samples: readonly Sample[] }>;

/** The state in the text format of Prometheus. What was never done has the timestamp 0. */
export function metricsText(status: Status, agents: readonly RememberedAgent[]): string {
  return families(status, agents).map(familyText).join('');
}

function families(status: Status, agents: readonly RememberedAgent[]): readonly Family[] {
  const { sources } = status;
  return [
    { name: 'build_info', help: 'This program.', samples: [{ labels: { version }, value: 1 }] },
    {
      name: 'state_info',
      help: 'The state and its sentence, as all doors tell it.',
      samples: [{ labels: { state: status.state, sentence: status.sentence }, value: 1 }],
    },
    {
      name: 'attention',
      help: '0 protected, 1 wants attention, 2 worse.',
      samples: [{ value: { 0: 0, 3: 1, 1: 2 }[status.exitCode] }],
    },
    {
      name: 'last_success_timestamp_seconds',
      help: 'When the source was backed up that was backed up longest ago.',
      samples: [{ value: Math.min(...withZero(sources.map((source) => seconds(source.lastBackupAt)))) }],
    },
    {
      name: 'last_proof_timestamp_seconds',
      help: 'When the source was rehearsed that was rehearsed longest ago.',
      samples: [{ value: Math.min(...withZero(sources.map((source) => seconds(source.provenAt)))) }],
    },
    {
      name: 'source_last_success_timestamp_seconds',
      help: 'Last good backup of each source.',
      samples: sources.map(({ source, lastBackupAt }) => ({
        labels: { source },
        value: seconds(lastBackupAt),
      })),
    },
    {
      name: 'source_last_proof_timestamp_seconds',
      help: 'Last rehearsal of each source.',
      samples: sources.map(({ source, provenAt }) => ({ labels: { source }, value: seconds(provenAt) })),
    },
    {
      name: 'agent_last_success_timestamp_seconds',
      help: 'Last good backup of each agent.',
      samples: agents.map(({ agent, lastBackupAt }) => ({
        labels: { agent },
        value: seconds(lastBackupAt),
      })),
    },
    {
      name: 'agent_bytes',
      help: 'Size of what is backed up of each agent.',
      samples: agents.map(({ agent, bytes }) => ({ labels: { agent }, value: bytes })),
    },
    {
      name: 'last_run_warnings',
      help: 'Warnings of the newest backup.',
      samples: [{ value: status.warnings.length }],
    },
  ];
}

function withZero(values: readonly number[]): readonly number[] {
  return values.length === 0 ? [0] : values;
}

function seconds(isoTime: string | null): number {
  return isoTime === null ? 0 : Math.floor(Date.parse(isoTime) / 1000);
}

function familyText({ name, help, samples }: Family): string {
  const full = `trinity_backup_${name}`;
  const lines = samples.map(({ labels = {}, value }) => `${full}${labelsText(labels)} ${String(value)}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
