import { Group, Stack, Text, Title } from '@mantine/core';
import type { TimelineEntry } from '../timeline/timeline-entry.ts';
import { sourceWithin } from '../../../../shared/lib/restore-plan/sentence.ts';
import { useCall } from '../../../client/engine.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { SidePanel } from '../../../ui/frame/SidePanel.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { outcomeLooks, triggerWords } from '../../../ui/text/words.ts';
import { StatusActionButton } from '../../overview/StatusActionButton.tsx';
import classes from '../History.module.css';
import { whatWords } from '../timeline/timeline-columns.tsx';

type Props = Readonly<{ runId: number; row: TimelineEntry | undefined; onClose: () => void }>;

/** A run that made no backup: why, and what mends it. */
export function RunPanel({ runId, row, onClose }: Props) {
  const query = useCall('history.show', { runId });
  return (
    <SidePanel title={row === undefined ? 'Run' : whatWords(row)} onClose={onClose}>
      <Loaded query={query} what="Reading the run">
        {({ run, events }) => {
          const look = outcomeLooks[run.outcome];
          return (
            <Stack gap="lg">
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <StateShape {...look} size={28} />
                <Stack gap={4} flex={1} miw={0}>
                  <Text fw={600}>
                    {look.words}, <Moment at={run.startedMs} />
                    {run.trigger === undefined ? '' : ` · ${triggerWords[run.trigger]}`}
                  </Text>
                  <Text>{run.message ?? 'It ended without saying why.'}</Text>
                  {run.failedSources.length > 0 && (
                    <Text>
                      Concerns: {run.failedSources.map((source) => sourceWithin(source)).join(', ')}
                    </Text>
                  )}
                </Stack>
              </Group>
              <Mending row={row} />
              {events.length > 0 && (
                <Stack gap="xs">
                  <Title order={3}>What was said</Title>
                  <ul className={classes['findings']}>
                    {events.map(({ id, words, atMs }) => (
                      <li key={id} className={classes['finding']}>
                        <Text>{words}</Text>
                        <Text className={classes['quiet']}>
                          <Moment at={atMs} />
                        </Text>
                      </li>
                    ))}
                  </ul>
                </Stack>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </SidePanel>
  );
}

function Mending({ row }: Readonly<{ row: TimelineEntry | undefined }>) {
  if (row === undefined) return null;
  if (row.isOver && row.operation === 'backup') {
    return <Text>A good backup was made since: nothing has to be done.</Text>;
  }
  if (row.action === null) return null;
  return (
    <div>
      <StatusActionButton action={row.action} isPrimary />
    </div>
  );
}
