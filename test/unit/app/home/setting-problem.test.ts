import { describe, expect, it } from 'vitest';
import { backupSettings } from '../../../../shared/model/settings.ts';
import { settingProblem } from '../../../../main/app/home/setting-problem.ts';

function problemOf(value: unknown): string {
  const [issue] = backupSettings.safeParse(value).error?.issues ?? [];
  if (issue === undefined) throw new Error('There is no problem.');
  return settingProblem(backupSettings, issue);
}

describe('settingProblem', () => {
  it.each([
    [{ retention: { newest: 0 } }, 'The setting retention.newest takes a whole number from 1 to 1000.'],
    [{ trashDays: 1.5 }, 'The setting trashDays takes a whole number from 1 to 365.'],
    [{ enabled: 'x' }, 'The setting enabled takes true or false.'],
    [{ paths: ['x'] }, `The setting paths takes a list of 0 to 1000 absolute paths, such as '["…"]'.`],
    [{ include: [] }, `The setting include takes a list of 1 to 64 texts, such as '["…"]'.`],
    [{ agents: { 'a.b': { include: 'no' } } }, 'The setting agents.a.b.include takes true or false.'],
    [{ agents: 5 }, 'The setting agents takes an object.'],
    [{ objectives: [] }, 'The setting objectives takes an object of backupHours, proofDays, copyHours.'],
    [
      { objectives: { x: 1 } },
      'There is no setting objectives.x. There are backupHours, proofDays, copyHours.',
    ],
    [{ volumes: { v: { x: 1, include: true } } }, 'There is no setting volumes.v.x. There is only include.'],
  ])('says what is allowed instead of %j', (value, sentence) => {
    expect(problemOf(value)).toBe(sentence);
  });
});
