import { useEffect, useRef } from 'react';
import { ActivityPage } from '../features/activity/ActivityPage.tsx';
import { AgentsPage } from '../features/agents/AgentsPage.tsx';
import { HistoryPage } from '../features/history/HistoryPage.tsx';
import { OverviewPage } from '../features/overview/OverviewPage.tsx';
import { RestorePage } from '../features/restore/RestorePage.tsx';
import classes from './App.module.css';
import { Rail } from './Rail.tsx';
import { type PageName, pages } from './routes.ts';
import { useRoute } from './use-route.ts';

const pageViews: Readonly<Record<PageName, () => React.ReactNode>> = {
  overview: OverviewPage,
  restore: RestorePage,
  history: HistoryPage,
  agents: AgentsPage,
  activity: ActivityPage,
};

/** The frame: the rail, and the page that the address names. */
export function App() {
  const { page } = useRoute();
  const content = useRef<HTMLDivElement>(null);
  const Shown = pageViews[page];
  useEffect(() => {
    const label = pages.find(({ name }) => name === page)?.label ?? '';
    document.title = `${label} · Trinity Backup`;
    content.current?.scrollTo({ top: 0 });
  }, [page]);
  return (
    <div className={classes['frame']}>
      <Rail current={page} />
      <div className={classes['content']} ref={content} tabIndex={-1}>
        <Shown key={page} />
      </div>
    </div>
  );
}
