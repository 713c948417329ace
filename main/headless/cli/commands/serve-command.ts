import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { HomeSettings } from '../../../../shared/model/settings.ts';
import { parseEngineAddress } from '../../../trinity/docker/engine-address.ts';
import type { CommandHost } from '../command-host.ts';
import type { Act, CommandOptions } from './act.ts';

export function addServeCommand(program: Command, act: Act): void {
  program
    .command('serve')
    .description('keep running: back up on schedule, REST and pages on loopback, until SIGTERM or Ctrl-C')
    .option('--port <number>', 'where REST and pages are; 0 takes any that is free', '7420')
    .action(act(serve));
  program
    .command('link')
    .description('print a link that opens the pages of a running serve in a browser, once')
    .action(
      act(async (host) => {
        const made = await host.run('pagesLink', {});
        host.terminal.print(made, () => made.link, made.link);
      }),
    );
  program
    .command('api-token')
    .description('print the token of the REST API')
    .option('--new', 'make another: the old one, and every browser, is out at once')
    .action(
      act(async (host, options) => {
        const made = await host.run('apiToken', { isNew: options.new === true });
        host.terminal.print(made, () => made.token, made.token);
      }),
    );
}

/** The REST server answers while interrupted runs are put right, and ends before the application does. */
async function serve(host: CommandHost, options: CommandOptions): Promise<void> {
  const port = portOf(options.port ?? '');
  const { assertPortFree, RestServer } = await import('../../server/rest-server.ts');
  const { Application } = await import('../../../app/application.ts');
  await using application = await Application.open({
    homeFolder: host.homeFolder,
    passphrase: host.passphrase,
    signal: host.signal,
    beforeStart: async () => await assertPortFree(port),
    onNotice: (message) => host.terminal.say(message),
  });
  const { engine } = application;
  refuseRemoteEngine((await engine.settings.read()).settings, process.env);
  await using server = await RestServer.start({
    application,
    port,
    pagesFolder: pagesFolder(),
    onUnexpected: (error) => engine.log.of('server').error({ error: inspect(error) }, 'unexpected'),
  });
  engine.pagesLink = () => server.newLink();
  const { folder } = engine.home;
  const told = { home: folder, address: server.address, link: server.newLink() };
  host.terminal.print(told, () => servedText(told), told.link);
  const end = stopped(host.signal);
  await Promise.race([end, application.ready]);
  await end;
}

function servedText({
  home,
  address,
  link,
}: Readonly<{ home: string; address: string; link: string }>): string {
  return [
    `Trinity Backup serves ${home} at ${address}.`,
    `Open it once, within the hour: ${link}`,
    'Another link: trinity-backup link. For programs: the token in api-token of that folder.',
  ].join('\n');
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new AppError('usage', 'Choose a --port from 0 to 65535.');
}

/** Volumes of an engine elsewhere cannot be frozen and read in time: this has to run beside it. */
function refuseRemoteEngine({ install }: HomeSettings, env: NodeJS.ProcessEnv): void {
  const address = install === undefined ? env['DOCKER_HOST'] : install.dockerHost;
  if (address !== undefined && address !== '') parseEngineAddress(address);
}

/** The built pages: beside the bundled command, or where the build puts them for sources. */
function pagesFolder(): string | undefined {
  const places = ['./renderer', '../../../../dist/renderer'];
  return places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((folder) => existsSync(path.join(folder, 'index.html')));
}

/** The engine's socket keeps the process alive meanwhile. */
async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
