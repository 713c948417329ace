import { useEffect } from 'react';
import { useCall } from '../client/engine.tsx';
import { Page } from '../ui/frame/Page.tsx';
import { Waiting } from '../ui/frame/Waiting.tsx';
import { ErrorNotice } from '../ui/state/ErrorNotice.tsx';
import classes from './App.module.css';
import { AwayBanner } from './AwayBanner.tsx';
import { usePagesAhead, usePageView } from './page-views.ts';
import { Rail } from './Rail.tsx';
import { addressOf, type PageName, pageNamed, routeOf } from './routes.ts';
import { useRoute } from './use-route.ts';

/** The frame: the rail, and the page that the address names. */
export function App() {
  const { page, isKnown } = useShownPage();
  usePagesAhead(page);
  useEffect(() => {
    // Said in the address too: else the page would give way as soon as all is set up.
    if (page === 'setup' && routeOf(window.location.hash).page !== 'setup')
      window.history.replaceState(null, '', addressOf('setup'));
    const label = pageNamed(page)?.label ?? '';
    document.title = `${label} · Trinity Backup`;
  }, [page]);
  return (
    <div className={classes['frame']}>
      {page !== 'setup' && <Rail current={page} />}
      <div className={classes['content']}>
        <AwayBanner />
        {isKnown ? <PageView key={page} page={page} /> : <Waiting what="Waiting for Trinity Backup" />}
      </div>
    </div>
  );
}

/** A page, as soon as its code is there. */
function PageView({ page }: Readonly<{ page: PageName }>) {
  const { data: View, error } = usePageView(page);
  const label = pageNamed(page)?.label ?? page;
  if (View !== undefined) return <View />;
  if (error === null) return <Waiting what={`Opening ${label}`} />;
  return (
    <Page title={label}>
      <ErrorNotice error={error} onRetry={() => window.location.reload()} />
    </Page>
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
