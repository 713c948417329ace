import { app, session } from 'electron';
import { wallContents, wallSession } from '../../app/pages/page-walls.ts';

/** To be called once ready, before there is a window. */
export function secureSessions(): void {
  wallSession(session.defaultSession);
}

/** Holds for whatever contents there will ever be. */
export function secureContents(): void {
  app.on('web-contents-created', (_event, contents) => wallContents(contents));
}
