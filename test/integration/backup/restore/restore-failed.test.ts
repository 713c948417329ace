import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp, inPlace } from '../../../helpers/tiny-backup.ts';
import { liveState, quietly } from '../../../helpers/tiny-install.ts';
import { writeFileSync } from 'node:fs';

const known = new AppError('failed', 'The disk does not answer.');

function failingAt(failing: string, error: Error) {
  return {
    beforeStep: (step: string): void => {
      if (step === failing) throw error;
    },
  };
}

describe('what a restore that fails says of what is live', () => {
  it('that nothing was touched, before the swap and before there is a journal', async () => {
    const { tiny, backupId } = await backedUp();
    writeFileSync(path.join(tiny.data, 'since'), 'since');
    const before = liveState(tiny);
    for (const step of ['staged', 'stopped', 'saved', 'prepared']) {
      const restore = restoreBackup(tiny.context, inPlace(backupId), quietly, failingAt(step, known));
      const error = await rejectionOf(restore);
      expect([step, error]).toMatchObject([step, { kind: 'failed', details: { isUntouched: true } }]);
    }
    const unknown = restoreBackup(tiny.context, inPlace('0'.repeat(12)), quietly);
    expect(await rejectionOf(unknown)).toMatchObject({ kind: 'not-found', details: { isUntouched: true } });
    expect(liveState(tiny)).toEqual(before);
  });

  it('nothing, where it was unforeseen, and from the swap on', async () => {
    const { tiny, backupId } = await backedUp();
    const isUntouched = async (step: string, error: Error): Promise<unknown> => {
      const failed = await rejectionOf(
        restoreBackup(tiny.context, inPlace(backupId), quietly, failingAt(step, error)),
      );
      return failed instanceof AppError ? failed.details['isUntouched'] : undefined;
    };
    expect(await isUntouched('staged', new TypeError('x is not a function'))).toBe(undefined);
    expect(await isUntouched('commit', known)).toBe(undefined);
    expect(await isUntouched('committed', known)).toBe(undefined);
  });
});
