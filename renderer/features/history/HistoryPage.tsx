import { Button } from '@mantine/core';
import { addressOf } from '../../app/routes.ts';
import { useRoute } from '../../app/use-route.ts';
import { Page } from '../../ui/frame/Page.tsx';
import { ComparePage } from './compare/ComparePage.tsx';
import { FindPage } from './find/FindPage.tsx';
import { Timeline } from './timeline/Timeline.tsx';

/** What was backed up and what was not; from here one backup is looked into, two are compared, and a file is found. */
export function HistoryPage() {
  const { parameters } = useRoute();
  const view = parameters.get('view');
  if (view === 'compare') return <ComparePage parameters={parameters} />;
  if (view === 'find') return <FindPage parameters={parameters} />;
  return (
    <Page
      title="History"
      actions={
        <Button component="a" variant="default" href={addressOf('history', { view: 'find' })}>
          Find a file…
        </Button>
      }
    >
      <Timeline parameters={parameters} />
    </Page>
  );
}
