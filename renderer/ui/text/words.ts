import { countOf } from '../../../shared/lib/size-text.ts';
import type { RunOutcome } from '../../../shared/model/history.ts';
import type { Severity, StateShape } from '../../../shared/model/status.ts';
import type { TimelineOutcome } from '../../../shared/model/timeline.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';

/** Why a backup was made, as people say it. */
export const triggerWords: Readonly<Record<Trigger, string>> = {
  scheduled: 'By the schedule',
  manual: 'By hand',
  startup: 'At start-up',
  shutdown: 'At shutdown',
  pre_migration: 'Before a restore',
};

type Look = Readonly<{ words: string; shape: StateShape; severity: Severity }>;

/** How a run ended: in words, and by a shape that is told apart without its colour. */
export const outcomeLooks: Readonly<Record<TimelineOutcome | RunOutcome, Look>> = {
  succeeded: { words: 'Whole', shape: 'check', severity: 'good' },
  warnings: { words: 'With warnings', shape: 'triangle', severity: 'attention' },
  incomplete: { words: 'Incomplete', shape: 'triangle', severity: 'attention' },
  failed: { words: 'Failed', shape: 'cross', severity: 'bad' },
  cancelled: { words: 'Cancelled', shape: 'pause', severity: 'info' },
  skipped: { words: 'Skipped', shape: 'clock', severity: 'info' },
};

const componentWords: Readonly<Record<string, string>> = {
  persistence: 'Database',
  config: 'Configuration',
  files: 'Files',
  memory: 'Agents',
  paths: 'Extra folders',
};

/** A component as pages call it; one that a handler brought goes by its own name. */
export function componentName(component: string): string {
  return componentWords[component] ?? component;
}

const whole = ['persistence', 'config', 'files', 'memory'];

/** What a backup holds, in a few words. */
export function contentWords(components: readonly string[], agents: readonly string[]): string {
  if (components.length === 0) return '';
  const count = countOf(agents.length, 'agent');
  if (whole.every((component) => components.includes(component))) return `Everything, ${count}`;
  if (components.length === 1 && components[0] === 'memory' && agents.length <= 2) return agents.join(', ');
  return components
    .map((component) => (component === 'memory' ? count : componentName(component).toLowerCase()))
    .join(', ')
    .replace(/^./u, (first) => first.toUpperCase());
}

/** One source: `Database`, or the agents that a volume serves. */
export function sourceName({
  component,
  volume,
  agents,
}: Readonly<{ component: string; volume: string; agents: readonly string[] }>): string {
  // Of an agent that is gone the name of its volume is left.
  const owner =
    agents.length > 0 ? agents.join(', ') : /^agent-(.+)-(?:workspace|public|shared)$/u.exec(volume)?.[1];
  if (component === 'memory') return owner ?? volume;
  return volume === '' ? componentName(component) : `${componentName(component)} ${volume}`;
}
