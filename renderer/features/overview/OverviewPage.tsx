import { Stack } from '@mantine/core';
import { useCall, useLiveRuns } from '../../client/engine.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import { RunProgress } from '../../ui/RunProgress.tsx';
import { Coverage } from './Coverage.tsx';
import { Facts } from './Facts.tsx';
import { StateSentence } from './StateSentence.tsx';

/** Am I safe, since when, and what should I do. */
export function OverviewPage() {
  const status = useCall('status.get', {});
  const history = useCall('history.coverage', { days: 30 });
  const runs = [...useLiveRuns().values()];
  return (
    <Page title="Overview">
      <Loaded query={status} what="Looking at how all stands">
        {(standing) => (
          <Stack gap={24}>
            <StateSentence standing={standing} />
            {runs.map((run) => (
              <RunProgress key={run.runId} run={run} />
            ))}
            <Loaded query={history} what="Reading the history">
              {(past) => (
                <>
                  <Facts standing={standing} runs={past.runs} />
                  <Coverage standing={standing} past={past} />
                </>
              )}
            </Loaded>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
