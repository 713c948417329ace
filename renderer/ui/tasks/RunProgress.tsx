import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { countOf, countText, sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import type { LiveRun as Live } from '../../client/engine.tsx';
import { useCall } from '../../client/engine.tsx';
import { rateOf } from '../../client/progress-rate.ts';
import { useCancelRun } from '../../client/use-cancel-run.ts';
import classes from './RunProgress.module.css';
import { showProblem } from '../state/show-problem.ts';

const doing: Readonly<Record<Live['what'], string>> = {
  backup: 'Backing up',
  restore: 'Restoring',
  change: 'Changing the vault',
  verify: 'Checking the vault',
  drill: 'Rehearsing a restore',
  copy: 'Copying the vault',
  export: 'Writing files',
};

/** One run that is on: how far, how fast, how long yet, and the way to end it. */
export function RunProgress({ run }: Readonly<{ run: Live }>) {
  const { done, total, phase, detail } = run;
  const cancel = useCancelRun(run);
  const { data: standing } = useCall('status.get', {});
  const part = standing?.sources.find(({ source }) => source === phase)?.name ?? phase;
  const share =
    done === undefined || total === undefined || total === 0
      ? undefined
      : Math.min(100, (done / total) * 100);
  return (
    <Stack gap={6} className={classes['run']}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>
          {doing[run.what]}
          {part === undefined ? '' : `: ${part}`}
        </Text>
        {cancel !== undefined && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Cancel: ${doing[run.what]}`}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(undefined, { onError: showProblem })}
          >
            Cancel
          </Button>
        )}
      </Group>
      <Progress
        value={share ?? 100}
        animated={share === undefined}
        aria-label={doing[run.what]}
        transitionDuration={100}
      />
      <Text className={classes['quiet']}>{progressText(run)}</Text>
      {detail !== undefined && detail !== '' && (
        <Text className={classes['quiet']} ff="monospace" truncate="end">
          {detail}
        </Text>
      )}
    </Stack>
  );
}

function progressText({ done, total, unit, files, samples }: Live): string {
  if (done === undefined) return 'Starting';
  const amount = (value: number): string => (unit === 'files' ? countOf(value, 'file') : sizeText(value));
  const parts = [
    ...(files === undefined ? [] : [countOf(files, 'file')]),
    total === undefined ? amount(done) : ofText(done, total, unit),
  ];
  const rate = rateOf(samples);
  if (rate !== undefined && rate > 0) {
    parts.push(`${amount(rate)} a second`);
    if (total !== undefined && total > done)
      parts.push(`${durationText(((total - done) / rate) * 1000)} left`);
  }
  return parts.join(' · ');
}

/** `12 of 40 files`, `250 kB of 1.00 MB`. */
function ofText(done: number, total: number, unit: Live['unit']): string {
  return unit === 'files'
    ? `${countText(done)} of ${countOf(total, 'file')}`
    : `${sizeText(done)} of ${sizeText(total)}`;
}
