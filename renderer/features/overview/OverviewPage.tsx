import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { useCall, useLiveRuns } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { RunProgress } from '../../ui/tasks/RunProgress.tsx';
import { usePainted } from '../../ui/frame/use-painted.ts';
import { Waiting } from '../../ui/frame/Waiting.tsx';
import { chartsCode } from './charts/charts-code.ts';
import { Copies } from './Copies.tsx';
import { Coverage } from './Coverage.tsx';
import { Facts } from './Facts.tsx';
import { LastWarnings } from './LastWarnings.tsx';
import { StateSentence } from './StateSentence.tsx';

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

/** Drawn when the rest of the page is painted, and not anew by each step of a run. */
const LaterCharts = memo(function LaterCharts() {
  return usePainted() ? <LoadedCharts /> : <Waiting what={drawing} />;
});

function LoadedCharts() {
  const code = useQuery(chartsCode);
  return (
    <Loaded query={code} what={drawing}>
      {(Charts) => <Charts />}
    </Loaded>
  );
}

const drawing = 'Drawing the charts';
