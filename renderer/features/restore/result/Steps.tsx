import { Group, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import { restoreSteps, type RestoreWay } from '../../../../shared/model/restore-steps.ts';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import classes from '../Restore.module.css';

type Task = CallOutput<'tasks.get'>;
type State = 'done' | 'on' | 'failed' | 'ahead';

const looks = {
  done: { shape: 'check', severity: 'good' },
  on: { shape: 'ring', severity: 'info' },
  failed: { shape: 'cross', severity: 'bad' },
  ahead: { shape: 'clock', severity: 'info' },
} as const;
const stateWords: Readonly<Record<State, string>> = {
  done: 'done',
  on: 'under way',
  failed: 'failed',
  ahead: 'not yet',
};

type Props = Readonly<{ task: Task; way: RestoreWay; hasSafetyBackup: boolean }>;

/** The steps of a restore: ticked off with their times as they are taken. */
export function Steps({ task, way, hasSafetyBackup }: Props) {
  return (
    <ol className={classes['steps']} aria-label="Steps">
      {restoreSteps(way, hasSafetyBackup).map((name) => {
        const step = task.steps.find((each) => each.name === name);
        const state = stateOf(task, step);
        return (
          <li key={name} data-state={state}>
            <Group gap="xs" wrap="nowrap">
              <StateShape {...looks[state]} size={18} />
              <Text flex={1}>{upperFirst(name)}</Text>
              <Text size="xs" c="var(--page-quiet)">
                {timeOf(step) ?? stateWords[state]}
              </Text>
            </Group>
          </li>
        );
      })}
    </ol>
  );
}

function stateOf(task: Task, step: Task['steps'][number] | undefined): State {
  if (step === undefined) return 'ahead';
  if (step.finishedAt !== null) return 'done';
  return task.state === 'running' ? 'on' : 'failed';
}

function timeOf(step: Task['steps'][number] | undefined): string | undefined {
  if (step === undefined || step.finishedAt === null) return undefined;
  return durationText(Date.parse(step.finishedAt) - Date.parse(step.startedAt));
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
