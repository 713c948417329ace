import { once } from 'node:events';
import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import type { Act } from './act.ts';

export function addServeCommand(program: Command, act: Act): void {
  program
    .command('serve')
    .description('keep running: back up on schedule and answer further commands, until SIGTERM or Ctrl-C')
    .action(act(serve));
}

/** The REST server is started between the two: it ends before the application does. */
async function serve(host: CommandHost): Promise<void> {
  const { Application } = await import('../../../app/application.ts');
  await using application = await Application.start({
    homeFolder: host.homeFolder,
    passphrase: host.passphrase,
    signal: host.signal,
    onNotice: (message) => host.terminal.say(message),
  });
  const { folder } = application.engine.home;
  host.terminal.print({ home: folder }, () => `Trinity Backup serves ${folder}.`);
  await stopped(host.signal);
}

/** The engine's socket keeps the process alive meanwhile. */
async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
