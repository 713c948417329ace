import { Anchor, Group, Text } from '@mantine/core';
import { countOf } from '../../../shared/lib/size-text.ts';
import { addressOf } from '../../app/routes.ts';
import { useCall } from '../../client/engine.tsx';
import { StateShape } from '../../ui/state/StateShape.tsx';

/** What the last backup left out, as one line that leads to it. */
export function LastWarnings({ warnings }: Readonly<{ warnings: readonly string[] }>) {
  const newest = useCall('backups.list', { limit: 1 });
  const backup = newest.data?.backups[0];
  const [first] = warnings;
  if (first === undefined || backup === undefined) return null;
  return (
    <Group gap="sm" wrap="nowrap">
      <StateShape shape="triangle" severity="attention" size={18} />
      <Text truncate="end" miw={0}>
        <Anchor href={addressOf('history', { backup: backup.backupId })}>
          {countOf(warnings.length, 'warning')} in the last backup
        </Anchor>
        : {first}
      </Text>
    </Group>
  );
}
