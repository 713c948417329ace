import { app } from 'electron';
import { launchOf } from '../app/launch/launch.ts';
import { startDesktop } from './start.ts';
import { startAsGuard } from './guard.ts';

// Nothing here may be waited for: Electron is ready only when this file has run to its end.

// As in main/headless/bin.ts: a call to a dead share holds one of Node's threads, four unless more are asked for.
process.env['UV_THREADPOOL_SIZE'] ??= '16';

const launch = launchOf(process.argv, process.env);
if (launch.kind === 'guard') startAsGuard(app, launch.args);
else startDesktop(launch);
