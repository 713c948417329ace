import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import 'virtual:theme.css';
import './theme/page.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '../shared/ipc/client.ts';
import { browserHost } from '../shared/ipc/host.ts';
import { App } from './app/App.tsx';
import { desktopHost } from './client/desktop-host.ts';
import { electronTransport } from './client/electron-transport.ts';
import { EngineProvider } from './client/engine.tsx';
import { HostProvider } from './client/host.tsx';
import { httpTransport } from './client/http-transport.ts';
import { theme } from './theme/theme.ts';

const { trinity } = window;
const client = createClient(trinity === undefined ? httpTransport() : electronTransport(trinity));
// The engine says when something has changed: nothing is asked again by the clock.
const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: Infinity, retry: false, refetchOnWindowFocus: false } },
});
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <Notifications position="bottom-right" />
        <EngineProvider client={client}>
          <HostProvider host={trinity === undefined ? browserHost : desktopHost(client)}>
            <App />
          </HostProvider>
        </EngineProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
