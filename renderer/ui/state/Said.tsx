import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Severity, StateShape as ShapeName } from '../../../shared/model/status.ts';
import { StateShape } from './StateShape.tsx';

export type Tone = 'good' | 'info' | 'attention' | 'bad';

const looks: Readonly<Record<Tone, Readonly<{ shape: ShapeName; severity: Severity }>>> = {
  good: { shape: 'check', severity: 'good' },
  info: { shape: 'clock', severity: 'info' },
  attention: { shape: 'triangle', severity: 'attention' },
  bad: { shape: 'cross', severity: 'bad' },
};

/** A line that says how something stands, with the shape of it. */
export function Said({
  tone,
  children,
  action,
}: Readonly<{ tone: Tone; children: ReactNode; action?: ReactNode }>) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <StateShape {...looks[tone]} size={20} />
      <Text component="div" flex={1} miw={0} style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
      {action}
    </Group>
  );
}
