import { describe, expect, it } from 'vitest';
import { doDeed } from '../../../../main/app/tray/do-deed.ts';
import type { TrayDeed } from '../../../../main/app/tray/tray-model.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { offeredActions } from '../../../fakes/offered-actions.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

type Deed = Parameters<typeof doDeed>[0];
type Parts = Parameters<typeof doDeed>[1];

const nowMs = Date.parse('2026-03-02T12:00:00Z');

type Answers = Readonly<{
  /** What refuses a task before it has begun. */
  error?: AppError;
  /** Of what an interrupted run left, what could not be put right. */
  left?: readonly Readonly<{ result: 'failed'; message: string }>[];
}>;

/** What a deed asks of the application. */
async function asked(deed: Deed, { error, left = [] }: Answers = {}): Promise<readonly unknown[]> {
  const said: unknown[] = [];
  const parts = {
    application: {
      run: async (name: string, input: unknown) => {
        said.push(['run', name, input]);
        return await Promise.resolve({ restores: left, containers: [], leftovers: [] });
      },
      tasks: {
        start: (name: string, input: unknown) => {
          said.push(['start', name, input]);
          return { begun: Promise.resolve(), error };
        },
      },
      clock: { now: () => nowMs },
    },
    open: (address?: string) => void said.push(['open', address]),
  };
  // As much of an application as deeds use.
  await doDeed(deed, parts as unknown as Parts);
  return said;
}

const mend = (operation: string, input: Readonly<Record<string, string>> = {}): TrayDeed & Deed => ({
  do: 'mend',
  action: { label: 'Mend', operation, input },
});

describe('doDeed', () => {
  it.each<readonly [string, Deed, readonly unknown[]]>([
    ['backs up everything', { do: 'backup' }, ['start', 'backup', {}]],
    ['backs up an agent', { do: 'backup', agents: ['one'] }, ['start', 'backup', { agents: ['one'] }]],
    [
      'backs up a part',
      { do: 'backup', only: ['persistence'] },
      ['start', 'backup', { only: ['persistence'] }],
    ],
    [
      'pauses for an hour',
      { do: 'pause', until: 'hour' },
      ['run', 'pause', { until: '2026-03-02T13:00:00.000Z' }],
    ],
    ['pauses until somebody resumes', { do: 'pause', until: 'resumed' }, ['run', 'pause', {}]],
    ['resumes', { do: 'resume' }, ['run', 'resume', {}]],
    ['silences a cause', { do: 'silence', key: 'k' }, ['run', 'noticesPause', { key: 'k', hours: 24 }]],
    ['tries again', mend('backup'), ['start', 'backup', {}]],
    ['rehearses', mend('drill'), ['start', 'drill', {}]],
    ['copies to one place', mend('copiesRun', { name: 'nas' }), ['start', 'copiesRun', { name: 'nas' }]],
    ['copies to all', mend('copiesRun', { name: '' }), ['start', 'copiesRun', {}]],
    ['cancels', mend('cancel'), ['run', 'cancel', {}]],
    ['recovers', mend('recover'), ['run', 'recover', {}]],
    ['resumes as a mending action', mend('resume'), ['run', 'resume', {}]],
    ['turns on what a restore turned off', mend('endQuietStart'), ['run', 'endQuietStart', {}]],
    ['leads to what finishes an install', mend('finish'), ['open', '#/setup?finish=yes']],
    ['opens the page that mends', mend('show', { page: 'storage' }), ['open', '#/storage']],
  ])('%s', async (_what, deed, expected) => {
    expect(await asked(deed)).toEqual([expected]);
  });

  it('says why, where it was refused before it began', async () => {
    const busy = new AppError('busy', 'A backup is running.');
    expect(await rejectionOf(asked({ do: 'backup' }, { error: busy }))).toBe(busy);
  });

  it('says what could not be put right', async () => {
    const left = [{ result: 'failed', message: 'The disk is not there.' }] as const;
    expect(await rejectionOf(asked(mend('recover'), { left }))).toMatchObject({
      message: 'The disk is not there.',
    });
  });

  it.each(offeredActions())('knows what is offered: $label ($operation)', async (action) => {
    expect(await asked({ do: 'mend', action })).toHaveLength(1);
  });

  it('says so where an action is of another version', async () => {
    expect(await rejectionOf(asked(mend('unheard of')))).toMatchObject({
      message: expect.stringContaining('open Trinity Backup'),
    });
  });
});
