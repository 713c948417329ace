import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { codeOf } from '../client/code.ts';
import { chartsCode } from '../features/overview/charts/charts-code.ts';
import { otherPages, type PageName, pages } from './routes.ts';

type View = () => ReactNode;

/** Each page is code of its own: the first one is there sooner without the others. */
const views: Readonly<Record<PageName, () => Promise<View>>> = {
  overview: async () => (await import('../features/overview/OverviewPage.tsx')).OverviewPage,
  restore: async () => (await import('../features/restore/RestorePage.tsx')).RestorePage,
  history: async () => (await import('../features/history/HistoryPage.tsx')).HistoryPage,
  agents: async () => (await import('../features/agents/AgentsPage.tsx')).AgentsPage,
  storage: async () => (await import('../features/storage/StoragePage.tsx')).StoragePage,
  activity: async () => (await import('../features/activity/ActivityPage.tsx')).ActivityPage,
  settings: async () => (await import('../features/settings/SettingsPage.tsx')).SettingsPage,
  setup: async () => (await import('../features/first-run/FirstRunPage.tsx')).FirstRunPage,
  unlock: async () => (await import('../features/unlock/UnlockPage.tsx')).UnlockPage,
};

function viewOf(page: PageName) {
  return codeOf(page, 'This page', views[page]);
}

/** The code of a page: at once when it was loaded before. */
export function usePageView(page: PageName) {
  return useQuery(viewOf(page));
}

/** Once the page that is shown is there, loads all others while there is nothing to do: no click has to wait for code. */
export function usePagesAhead(shown: PageName): void {
  const queries = useQueryClient();
  const { isSuccess } = usePageView(shown);
  useEffect(() => {
    if (isSuccess) void loadPages(queries);
  }, [isSuccess, queries]);
}

async function loadPages(queries: QueryClient): Promise<void> {
  for (const { name } of [...pages, ...otherPages]) {
    await untilIdle();
    await queries.prefetchQuery(viewOf(name));
  }
  await untilIdle();
  await queries.prefetchQuery(chartsCode);
}

async function untilIdle(): Promise<void> {
  await new Promise<void>((resolve) => {
    // Safari cannot tell.
    if (typeof window.requestIdleCallback === 'function') window.requestIdleCallback(() => resolve());
    else setTimeout(resolve, 200);
  });
}
