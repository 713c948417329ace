import { describe, expect, it } from 'vitest';
import { QuitFlow } from '../../../../main/app/quit/quit-flow.ts';
import { type QuitChoice, type QuitFacts, quitQuestion } from '../../../../main/app/quit/quit-question.ts';

const idleFacts: QuitFacts = { running: undefined, sentence: 'Protected.', isScheduled: true };

describe('quitQuestion', () => {
  it('asks nothing where nothing is lost', () => {
    expect(quitQuestion({ ...idleFacts, isScheduled: false })).toBeUndefined();
  });

  it('says that backups stop', () => {
    const question = quitQuestion(idleFacts);
    expect(question?.detail).toBe('Backups stop until Trinity Backup is opened again.');
    expect(question?.choices.map(({ choice }) => choice)).toEqual(['quit', 'stay']);
  });

  it.each(['backup', 'restore', 'change', 'export'] as const)('waits for a %s, or cancels it', (running) => {
    const question = quitQuestion({
      ...idleFacts,
      running,
      sentence: 'Backing up: 62 %.',
      isScheduled: false,
    });
    expect(question?.choices.map(({ choice }) => choice)).toEqual(['wait', 'cancel', 'stay']);
    expect(question?.detail.includes('62 %')).toBe(running === 'backup' || running === 'restore');
    expect(question?.detail).not.toContain('Backups stop');
    expect(quitQuestion({ ...idleFacts, running })?.detail).toContain('Backups stop');
  });
});

describe('quitQuestion, while an interrupted run is put right', () => {
  it('waits for it, or says what quitting leaves', () => {
    const question = quitQuestion({ ...idleFacts, running: 'recovery', isScheduled: false });
    expect(question?.choices.map(({ choice }) => choice)).toEqual(['wait', 'quit', 'stay']);
    expect(question?.detail).toMatch(/stay down until Trinity Backup is opened again\.$/u);
    expect(quitQuestion({ ...idleFacts, running: 'recovery' })?.detail).toContain('Backups stop');
  });
});

function world(answers: readonly QuitChoice[], facts: Partial<QuitFacts> = {}) {
  const said: string[] = [];
  const left = [...answers];
  const idle = Promise.withResolvers<void>();
  const flow = new QuitFlow({
    facts: () => ({ ...idleFacts, ...facts }),
    ask: async ({ message }) => {
      said.push(message);
      return await Promise.resolve(left.shift() ?? 'stay');
    },
    cancel: () => void said.push('cancel'),
    idle: async () => await idle.promise,
    end: () => void said.push('end'),
  });
  return { flow, said, idle };
}

describe('QuitFlow', () => {
  it('ends on the word, and stays on the word', async () => {
    const quit = world(['quit']);
    await quit.flow.request();
    expect(quit.said).toEqual(['Quit Trinity Backup?', 'end']);
    const stay = world(['stay']);
    await stay.flow.request();
    expect(stay.said).toEqual(['Quit Trinity Backup?']);
  });

  it('ends without a question where nothing is lost', async () => {
    const { flow, said } = world([], { isScheduled: false });
    await flow.request();
    expect(said).toEqual(['end']);
  });

  it('cancels what runs and ends', async () => {
    const { flow, said } = world(['cancel'], { running: 'backup' });
    await flow.request();
    expect(said).toEqual(['A backup is running.', 'cancel', 'end']);
  });

  it('ends when the run has ended, unless it was decided otherwise meanwhile', async () => {
    const waiting = world(['wait'], { running: 'backup' });
    const asked = waiting.flow.request();
    waiting.idle.resolve();
    await asked;
    expect(waiting.said).toEqual(['A backup is running.', 'end']);
    const changed = world(['wait', 'stay'], { running: 'backup' });
    const first = changed.flow.request();
    await new Promise((resolve) => setImmediate(resolve));
    await changed.flow.request();
    changed.idle.resolve();
    await first;
    expect(changed.said).toEqual(['A backup is running.', 'A backup is running.']);
  });

  it('does not ask a second time while a question is open', async () => {
    const { flow, said } = world(['stay']);
    await Promise.all([flow.request(), flow.request()]);
    expect(said).toEqual(['Quit Trinity Backup?']);
  });
});
