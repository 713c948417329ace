import { Button, Group, SegmentedControl, Stack, Text, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ActivityEvent, EventFilter, EventSeverity } from '../../../shared/model/history.ts';
import type { StateShape as ShapeName } from '../../../shared/model/status.ts';
import { addressOf } from '../../app/routes.ts';
import { useRoute } from '../../app/use-route.ts';
import { useClient } from '../../client/engine.tsx';
import { Empty } from '../../ui/frame/Empty.tsx';
import { AsOf } from '../../ui/state/AsOf.tsx';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Moment } from '../../ui/text/Moment.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { StateShape } from '../../ui/state/StateShape.tsx';
import { Waiting } from '../../ui/frame/Waiting.tsx';
import { outcomeLooks } from '../../ui/text/words.ts';
import { SupportBundle } from './SupportBundle.tsx';
import classes from './Activity.module.css';

type Shown = 'all' | EventSeverity;

const choices = [
  { value: 'all', label: 'All' },
  { value: 'warning', label: 'Warnings' },
  { value: 'error', label: 'Failures' },
] as const;

function shownOf(text: string | null): Shown {
  return choices.find(({ value }) => value === text)?.value ?? 'all';
}

/** What happened, in words, newest first. */
export function ActivityPage() {
  const { parameters } = useRoute();
  const shown = shownOf(parameters.get('severity'));
  const run = parameters.get('run');
  const show = (severity: Shown, ofRun: string | null): void => {
    window.location.hash = addressOf('activity', {
      ...(severity === 'all' ? {} : { severity }),
      ...(ofRun === null ? {} : { run: ofRun }),
    });
  };
  const filter = {
    ...(shown === 'all' ? {} : { severity: shown }),
    ...(run === null || !/^-?\d{1,15}$/u.test(run) ? {} : { runId: Number(run) }),
  };
  const query = useEvents(filter);
  const events = query.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Page
      title="Activity"
      actions={
        <>
          <SegmentedControl
            aria-label="What is shown"
            data={[...choices]}
            value={shown}
            onChange={(value) => show(shownOf(value), run)}
          />
          <SupportBundle />
        </>
      }
    >
      {run !== null && <OneRun onAll={() => show(shown, null)} />}
      <AsOf query={query} />
      {query.data === undefined && query.error !== null && (
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Waiting what="Reading what happened" />}
      {query.data !== undefined && events.length === 0 && <Nothing shown={shown} isOfOneRun={run !== null} />}
      <Stack gap={0} component="ol" className={classes['events']}>
        {events.map((event) => (
          <Event
            key={event.id}
            event={event}
            {...(event.runId === undefined || run !== null
              ? {}
              : { onRun: () => show(shown, String(event.runId)) })}
          />
        ))}
      </Stack>
      {query.hasNextPage && (
        <EarlierButton isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} />
      )}
    </Page>
  );
}

function Nothing({ shown, isOfOneRun }: Readonly<{ shown: Shown; isOfOneRun: boolean }>) {
  const what = shown === 'warning' ? 'warning' : 'failure';
  if (shown !== 'all')
    return <Empty title={`There is no ${what}`}>{isOfOneRun ? 'Not in this run.' : ''}</Empty>;
  if (isOfOneRun)
    return <Empty title="Nothing is known of this run any more">Older events were cleared.</Empty>;
  return (
    <Empty title="Nothing has happened yet">
      Backups, restores and changes of settings are told here as they happen.
    </Empty>
  );
}

function OneRun({ onAll }: Readonly<{ onAll: () => void }>) {
  return (
    <Group gap="sm">
      <Text>Only what one run told.</Text>
      <Button size="xs" variant="default" onClick={onAll}>
        Show all runs
      </Button>
    </Group>
  );
}

function EarlierButton({ isLoading, onClick }: Readonly<{ isLoading: boolean; onClick: () => void }>) {
  return (
    <Group justify="center">
      <Button variant="default" loading={isLoading} onClick={onClick}>
        Show earlier
      </Button>
    </Group>
  );
}

function useEvents(filter: EventFilter) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ['activity.list', filter],
    queryFn: async ({ pageParam }) =>
      await client.call('activity.list', { filter, ...(pageParam === null ? {} : { before: pageParam }) }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });
}

const shapes: Readonly<
  Record<EventSeverity, Readonly<{ shape: ShapeName; severity: 'good' | 'attention' | 'bad'; word: string }>>
> = {
  info: { shape: 'check', severity: 'good', word: '' },
  warning: { shape: 'triangle', severity: 'attention', word: 'Warning: ' },
  error: { shape: 'cross', severity: 'bad', word: 'Failure: ' },
};

/** What was not done is no success, though nothing is wrong with it. */
function lookOf({ severity, code }: ActivityEvent) {
  if (code.endsWith('-cancelled')) return { ...outcomeLooks.cancelled, word: '' };
  if (code.endsWith('-skipped')) return { ...outcomeLooks.skipped, word: '' };
  return shapes[severity];
}

function Event({ event, onRun }: Readonly<{ event: ActivityEvent; onRun?: () => void }>) {
  const { shape, severity, word } = lookOf(event);
  return (
    <li className={classes['event']}>
      <StateShape shape={shape} severity={severity} size={18} />
      <Text flex={1} miw={0} style={{ overflowWrap: 'anywhere' }}>
        <span className={classes['unseen']}>{word}</span>
        {event.words}
      </Text>
      {onRun !== undefined && (
        <UnstyledButton className={classes['run']} aria-label={`This run: ${event.words}`} onClick={onRun}>
          This run
        </UnstyledButton>
      )}
      <Text className={classes['time']}>
        <Moment at={event.atMs} />
      </Text>
    </li>
  );
}
