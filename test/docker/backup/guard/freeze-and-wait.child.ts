import { setInterval } from 'node:timers';
import { startGuard } from '../../../../main/backup/guard/start-guard.ts';
import { openDockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import { Freezer } from '../../../../main/trinity/quiesce/freezer.ts';
import { QuiesceJournal } from '../../../../main/trinity/quiesce/quiesce-journal.ts';

// Pauses a container as a backup does, under a guard, says so, and waits to be killed: <socket> <home> <container>.
const [, , socket = '', home = '', name = ''] = process.argv;
const signal = AbortSignal.timeout(60_000);
const engine = await openDockerEngine(`unix://${socket}`);
const { id: engineId } = await engine.facts(signal);
const journal = await QuiesceJournal.begin(`${home}/journals`, {
  id: '0123456789ab',
  purpose: 'copying',
  host: engine.host,
});
const problem = await startGuard(journal.file, home);
const container = await engine.inspectContainer(name, signal);
if (container === undefined) throw new Error(`There is no container ${name}.`);
await new Freezer({ engine, engineId, journal, now: Date.now }).freeze(
  [{ container, action: 'pause' }],
  signal,
);
process.stdout.write(`frozen ${problem ?? ''}\n`);
setInterval(() => undefined, 1000);
