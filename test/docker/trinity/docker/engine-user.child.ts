import { messageOf } from '../../../../shared/lib/app-error.ts';
import { openDockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';

// Asks the engine that it is given as a user without rights, and prints what it is told.
const engine = await openDockerEngine(process.argv[2] ?? '');
process.setgroups?.([]);
process.setgid?.(65_534);
process.setuid?.(65_534);
const said = await engine.ping(new AbortController().signal).then(() => 'OK', messageOf);
process.stdout.write(`${said}\n`);
