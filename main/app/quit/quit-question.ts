import type { WritingRun } from '../writer-slot.ts';

export type QuitChoice = 'wait' | 'cancel' | 'quit' | 'stay';

/** What a person is asked before the application ends; the first choice is what Enter takes, `stay` what Escape takes. */
export type QuitQuestion = Readonly<{
  message: string;
  detail: string;
  choices: readonly Readonly<{ label: string; choice: QuitChoice }>[];
}>;

type Cancellable = WritingRun['what'] | 'export';

export type QuitFacts = Readonly<{
  /**
   * What changes vault or install just now; `recovery`: an interrupted run is being put right. `export`: nothing does, and files of a
   * backup are being written to some place.
   */
  running: Cancellable | 'recovery' | undefined;
  /** How far it is, as the tray says it. */
  sentence: string;
  /** Backups are made by a schedule, which ends with the application. */
  isScheduled: boolean;
}>;

const stay = { label: 'Keep running', choice: 'stay' } as const;
const scheduleEnds = 'Backups stop until Trinity Backup is opened again.';

/** Undefined where nothing is lost by quitting. */
export function quitQuestion(facts: QuitFacts): QuitQuestion | undefined {
  if (facts.running === 'recovery') return recoveringQuestion(facts);
  if (facts.running !== undefined) return runningQuestion(facts.running, facts);
  if (!facts.isScheduled) return undefined;
  return {
    message: 'Quit Trinity Backup?',
    detail: scheduleEnds,
    choices: [{ label: 'Quit', choice: 'quit' }, stay],
  };
}

/** It cannot be cancelled: quitting leaves it to the next start. */
function recoveringQuestion({ isScheduled }: QuitFacts): QuitQuestion {
  const left =
    'Quit now, it has a minute to end; after that, agents that it holds stay down until Trinity Backup is opened again.';
  return {
    message: 'An interrupted restore is being finished.',
    detail: [left, ...(isScheduled ? [scheduleEnds] : [])].join(' '),
    choices: [{ label: 'Finish it, then quit', choice: 'wait' }, { label: 'Quit now', choice: 'quit' }, stay],
  };
}

function runningQuestion(running: Cancellable, { sentence, isScheduled }: QuitFacts): QuitQuestion {
  const { message, after } = words[running];
  return {
    message,
    // Of the others the one sentence says nothing.
    detail: [
      running === 'backup' || running === 'restore' ? sentence : '',
      after,
      isScheduled ? scheduleEnds : '',
    ]
      .filter((part) => part !== '')
      .join(' '),
    choices: [
      { label: 'Finish it, then quit', choice: 'wait' },
      { label: 'Cancel it and quit', choice: 'cancel' },
      stay,
    ],
  };
}

const words: Readonly<Record<Cancellable, Readonly<{ message: string; after: string }>>> = {
  backup: {
    message: 'A backup is running.',
    after: 'Cancelled, it leaves no backup; what it has stored serves the next one.',
  },
  restore: {
    message: 'A restore is running.',
    after: 'Cancelled, everything is put back as it was before it.',
  },
  change: { message: 'The vault is being changed.', after: 'Cancelled, it can be begun again.' },
  export: {
    message: 'Files of a backup are being written.',
    after: 'Cancelled, they are not complete; it can be begun again.',
  },
};
