import { setInterval } from 'node:timers';
import { startGuard } from '../../../../main/backup/guard/start-guard.ts';
import { openDockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import { Freezer, type FindWriters } from '../../../../main/trinity/quiesce/freezer.ts';
import { QuiesceJournal } from '../../../../main/trinity/quiesce/quiesce-journal.ts';

// Pauses a container as a backup does, under a guard, says so, and waits to be killed: <socket> <home> <container>.
const [, , socket = '', home = '', name = ''] = process.argv;
const signal = AbortSignal.timeout(300_000);
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
let isHeld = false;
const findWriters: FindWriters = async () => {
  const writers = isHeld ? [] : ([{ container, action: 'pause' }] as const);
  isHeld = true;
  return await Promise.resolve(writers);
};
await new Freezer({ engine, engineId, journal, now: Date.now }).freeze(findWriters, signal);
process.stdout.write(`frozen ${problem ?? ''}\n`);
setInterval(() => undefined, 1000);
