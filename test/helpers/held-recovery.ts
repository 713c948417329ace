import path from 'node:path';
import { onTestFinished } from 'vitest';
import { QuiesceJournal } from '../../main/trinity/quiesce/quiesce-journal.ts';
import { answer, fakeEngine } from '../fakes/fake-engine.ts';

/** An interrupted restore whose engine does not answer before the test lets it: what puts it right takes as long. */
export type HeldRecovery = Readonly<{
  /** Resolves when it is being put right. */
  reached: Promise<void>;
  goOn: () => void;
}>;

/** Leaves it in a home, as a process that was killed does. */
export async function leaveHeldRecovery(home: string): Promise<HeldRecovery> {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const host = await fakeEngine((_request, response) => {
    reached.resolve();
    // The agent was deleted meanwhile: it need not come back.
    void gate.promise.then(() => answer(response, 404, { message: 'No such container' }));
  });
  onTestFinished(() => gate.resolve());
  await leaveStoppedAgent(home, host);
  return { reached: reached.promise, goOn: () => gate.resolve() };
}

/** Leaves the journal of a restore that was cut off, with an agent of this engine that is down. */
export async function leaveStoppedAgent(home: string, host: string): Promise<void> {
  await using journal = await QuiesceJournal.begin(path.join(home, 'journals'), {
    id: '0123456789ab',
    purpose: 'restore',
    host,
  });
  const id = 'a'.repeat(64);
  await journal.add([{ id, name: 'agent-one', startedAt: '2026-03-02T12:00:00Z', action: 'stop' }]);
}
