import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { Severity, StateShape as ShapeName } from '../../../shared/model/status.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { AsOf } from '../../ui/state/AsOf.tsx';
import { Moment } from '../../ui/text/Moment.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import { StateShape } from '../../ui/state/StateShape.tsx';
import classes from './Overview.module.css';

type Copy = CallOutput<'copies.list'>[number];

/** How far each further place is behind; nothing where there is none. */
export function Copies() {
  const query = useCall('copies.list', {});
  const copies = query.data?.filter(({ enabled }) => enabled) ?? [];
  if (copies.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2}>Copies</Title>
      <AsOf query={query} />
      {copies.map((copy) => (
        <CopyLine key={copy.name} copy={copy} />
      ))}
    </Stack>
  );
}

function CopyLine({ copy }: Readonly<{ copy: Copy }>) {
  const run = useAction('copies.run');
  const { name, location, copiedAt, isRunning, problem, lacks } = copy;
  const { shape, severity } = lookOf(copy);
  const isBehind = (lacks ?? 0) > 0;
  return (
    <Group gap="sm" wrap="nowrap">
      <StateShape shape={shape} severity={severity} size={18} />
      <Stack gap={0} flex={1} miw={0}>
        <Text style={{ overflowWrap: 'anywhere' }}>
          {name} <span className={classes['quiet']}>{location}</span>
        </Text>
        <Text className={classes['quiet']} style={{ overflowWrap: 'anywhere' }}>
          {isRunning ? (
            'Being copied now'
          ) : copiedAt === null ? (
            'Not copied yet'
          ) : (
            <>
              Copied <Moment at={copiedAt} />
            </>
          )}
          {!isRunning && isBehind && `, lacks ${countOf(lacks ?? 0, 'backup')}`}
          {problem !== null && `. ${problem}`}
        </Text>
      </Stack>
      {!isRunning && (isBehind || problem !== null) && (
        <Button
          size="xs"
          variant="default"
          aria-label={`Copy now to ${name}`}
          loading={run.isPending}
          onClick={() => run.mutate({ name }, { onError: showProblem })}
        >
          Copy now
        </Button>
      )}
    </Group>
  );
}

function lookOf({
  isRunning,
  problem,
  behindSince,
  lacks,
}: Copy): Readonly<{ shape: ShapeName; severity: Severity }> {
  if (isRunning) return { shape: 'ring', severity: 'info' };
  if (problem !== null) return { shape: 'cross', severity: 'bad' };
  // While the vault cannot be asked, nobody knows.
  if (lacks === null) return { shape: 'clock', severity: 'info' };
  return behindSince === null && lacks === 0
    ? { shape: 'check', severity: 'good' }
    : { shape: 'clock', severity: 'attention' };
}
