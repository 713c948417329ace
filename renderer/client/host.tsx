import { createContext, type ReactNode, useContext } from 'react';
import { browserHost, type PageHost } from '../../shared/ipc/host.ts';

const HostContext = createContext<PageHost>(browserHost);

/** Gives the pages below it what their host can do; without it they are in a browser. */
export function HostProvider({ host, children }: Readonly<{ host: PageHost; children: ReactNode }>) {
  return <HostContext value={host}>{children}</HostContext>;
}

export function useHost(): PageHost {
  return useContext(HostContext);
}
