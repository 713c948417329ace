import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../../../main/app/history/run-words.ts';
import type { NewRun } from '../../../../main/catalog/run-table.ts';
import { restoreAbout } from '../../../../main/app/operations/restore-subject.ts';

const run: NewRun = {
  operation: 'restore',
  startedMs: 0,
  finishedMs: 1,
  outcome: 'succeeded',
  backupId: '0123456789ab',
  failedSources: [],
};

describe('the line of a restore in the activity', () => {
  it.each([
    [{ way: 'in-place' }, 'The restore of research (0123456789ab) is done.'],
    [{ way: 'to', folder: '/srv/out' }, 'The restore of research into /srv/out (0123456789ab) is done.'],
    [{ way: 'as', name: 'twin' }, 'The restore of research as twin (0123456789ab) is done.'],
    [
      { way: 'new-install', folder: '/srv/trinity' },
      'The restore of research as a new install in /srv/trinity (0123456789ab) is done.',
    ],
  ] as const)('says what was restored and where: %o', (destination, words) => {
    expect(wordsOf(run, restoreAbout({ agents: ['research'], destination })).words).toBe(words);
  });

  it('says so of one that failed, too', () => {
    const failed: NewRun = { ...run, outcome: 'failed', message: 'The disk is full' };
    const { words } = wordsOf(failed, restoreAbout({ destination: { way: 'in-place' } }));
    expect(words).toBe('The restore of everything (0123456789ab) failed: The disk is full.');
  });
});

describe('the line of a backup in the activity', () => {
  it('names what could not be copied as people call it', () => {
    const failedSources = ['persistence', 'memory/agent-echo-workspace', 'memory/agent-echo-public'];
    const run: NewRun = {
      operation: 'backup',
      trigger: 'scheduled',
      startedMs: 0,
      finishedMs: 1,
      outcome: 'incomplete',
      failedSources,
    };
    expect(wordsOf(run).words).toBe(
      'The scheduled backup is incomplete: the database, agent echo, agent echo (public) could not be copied.',
    );
  });
});
