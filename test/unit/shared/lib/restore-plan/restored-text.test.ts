import { describe, expect, it } from 'vitest';
import { restoredText } from '../../../../../shared/lib/restore-plan/restored-text.ts';

const done = {
  name: 'research',
  isAgent: true,
  isUndo: false,
  files: 326,
  stoppedMs: 0,
  restartRequired: false,
  tookMs: 12_000,
};

describe('restoredText', () => {
  it('says that an agent runs again only where it was stopped and runs', () => {
    expect(restoredText({ ...done, stoppedMs: 4000 })).toBe(
      'research is running again. 326 files restored and checked. It took 12 s.',
    );
    const started = 'Restored research. 326 files restored and checked. It took 12 s.';
    expect(restoredText(done)).toBe(started);
    expect(restoredText({ ...done, stoppedMs: 4000, restartRequired: true })).toBe(started);
  });

  it('says of an undo what is there now', () => {
    expect(restoredText({ ...done, isUndo: true, files: 0 })).toBe(
      'Undone: what was there before is back. No file had to be written. It took 12 s.',
    );
    expect(restoredText({ ...done, isUndo: true, stoppedMs: 4000, files: 1 })).toBe(
      'Undone: what was there before is back, and research is running again. 1 file restored and checked. It took 12 s.',
    );
  });
});
