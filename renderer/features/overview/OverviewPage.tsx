import { Stack } from '@mantine/core';
import { lazy, memo, Suspense } from 'react';
import { useCall, useLiveRuns } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { RunProgress } from '../../ui/tasks/RunProgress.tsx';
import { usePainted } from '../../ui/frame/use-painted.ts';
import { Waiting } from '../../ui/frame/Waiting.tsx';
import { Copies } from './Copies.tsx';
import { Coverage } from './Coverage.tsx';
import { Facts } from './Facts.tsx';
import { LastWarnings } from './LastWarnings.tsx';
import { StateSentence } from './StateSentence.tsx';

// Drawing takes more code and time than all the rest of the page, which must not wait for it; nor is anything drawn anew by each step of
// a run.
const Charts = memo(
  lazy(async () => {
    const { Charts: loaded } = await import('./charts/Charts.tsx');
    return { default: loaded };
  }),
);

/** Am I safe, since when, and what should I do. */
export function OverviewPage() {
  const status = useCall('status.get', {});
  const history = useCall('history.coverage', { days: 30 });
  return (
    <Page title="Overview">
      <Loaded query={status} what="Looking at how all stands">
        {(standing) => (
          <Stack gap={24}>
            <StateSentence standing={standing} />
            <LiveRuns />
            {standing.state !== 'set up' && (
              <Loaded query={history} what="Reading the history">
                {(past) => (
                  <>
                    <Facts standing={standing} runs={past.runs} />
                    <LastWarnings warnings={standing.warnings} />
                    <Copies />
                    <Coverage standing={standing} past={past} />
                    {past.runs.length > 0 && <LaterCharts />}
                  </>
                )}
              </Loaded>
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

/** Drawn by itself ten times a second, and not the page around it. */
function LiveRuns() {
  return [...useLiveRuns().values()].map((run) => <RunProgress key={run.runId} run={run} />);
}

/** Drawn when the rest of the page is painted. */
function LaterCharts() {
  const waiting = <Waiting what="Drawing the charts" />;
  return usePainted() ? (
    <Suspense fallback={waiting}>
      <Charts />
    </Suspense>
  ) : (
    waiting
  );
}
