import { useEffect, useRef } from 'react';
import { useCall } from '../client/engine.tsx';
import { ActivityPage } from '../features/activity/ActivityPage.tsx';
import { AgentsPage } from '../features/agents/AgentsPage.tsx';
import { HistoryPage } from '../features/history/HistoryPage.tsx';
import { FirstRunPage } from '../features/first-run/FirstRunPage.tsx';
import { OverviewPage } from '../features/overview/OverviewPage.tsx';
import { RestorePage } from '../features/restore/RestorePage.tsx';
import { SettingsPage } from '../features/settings/SettingsPage.tsx';
import { StoragePage } from '../features/storage/StoragePage.tsx';
import { UnlockPage } from '../features/unlock/UnlockPage.tsx';
import classes from './App.module.css';
import { Rail } from './Rail.tsx';
import { addressOf, type PageName, pageNamed, routeOf } from './routes.ts';
import { useRoute } from './use-route.ts';

const pageViews: Readonly<Record<PageName, () => React.ReactNode>> = {
  overview: OverviewPage,
  restore: RestorePage,
  history: HistoryPage,
  agents: AgentsPage,
  storage: StoragePage,
  activity: ActivityPage,
  settings: SettingsPage,
  setup: FirstRunPage,
  unlock: UnlockPage,
};

/** The frame: the rail, and the page that the address names. */
export function App() {
  const { page, isKnown } = useShownPage();
  const content = useRef<HTMLDivElement>(null);
  const Shown = pageViews[page];
  useEffect(() => {
    // Said in the address too: else the page would give way as soon as all is set up.
    if (page === 'setup' && routeOf(window.location.hash).page !== 'setup')
      window.history.replaceState(null, '', addressOf('setup'));
    const label = pageNamed(page)?.label ?? '';
    document.title = `${label} · Trinity Backup`;
    content.current?.scrollTo({ top: 0 });
  }, [page]);
  return (
    <div className={classes['frame']}>
      {page !== 'setup' && <Rail current={page} />}
      <div className={classes['content']} ref={content} tabIndex={-1}>
        {isKnown && <Shown key={page} />}
      </div>
    </div>
  );
}

type Shown = Readonly<{ page: PageName; isKnown: boolean }>;

/** Whoever opens the pages before all is set up is led there; the address says when another page was asked for. */
function useShownPage(): Shown {
  const { page } = useRoute();
  const { data, isPending } = useCall('setup.get', {});
  const isAsked = window.location.hash.replace(/^#\/?/u, '') !== '';
  if (isAsked) return { page, isKnown: true };
  const isUnfinished = data !== undefined && (!data.isSetUp || data.step !== null);
  return { page: isUnfinished ? 'setup' : page, isKnown: !isPending };
}
