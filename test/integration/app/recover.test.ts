import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Pause, sharedLab } from '../../helpers/command-lab.ts';

const listed = z.array(z.object({ backupId: z.string() }));
const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

describe('recover', () => {
  it('says once what became of a restore that was killed', async () => {
    const lab = await shared().copy();
    const [backup] = listed.parse(await lab.json(['list']));
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const restore = lab.start(['restore', backup?.backupId ?? '', '--confirm'], pause.env);
    await pause.reached();
    restore.kill('SIGKILL');
    await restore.ended;
    const { code, stdout, stderr } = await lab.run(['recover']);
    const activity = await lab.json(['activity']);
    expect(JSON.stringify(activity)).toMatch(
      /The restore of backup [0-9a-f]{12} was cut off; everything is as it was/u,
    );
    expect(code).toBe(0);
    const lines = `${stderr}${stdout}`.trim().split('\n');
    expect(lines).toEqual([expect.stringMatching(/restore/u)]);
    expect(await lab.run(['recover'])).toEqual({
      code: 0,
      signal: null,
      stdout: 'Nothing was left to recover.\n',
      stderr: '',
    });
  });
});
