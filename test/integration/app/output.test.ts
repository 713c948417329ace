import { describe, expect, it } from 'vitest';
import { Pause, sharedLab } from '../../helpers/command-lab.ts';

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

/** Starts a command whose output goes where nobody reads it; its exit code is told. */
const unread = ['bash', '-c', '"$@" | true; exit "${PIPESTATUS[0]}"', 'bash'];
const toFullDisk = ['bash', '-c', 'exec "$@" > /dev/full', 'bash'];

describe('the output of a command', () => {
  it('may go unread', async () => {
    const { code, stderr } = await shared().run(['list'], {}, unread);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('may go unread while others work with the engine of that command', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'read', prefix: 'packs/' });
    const verify = lab.start(['verify', '--data', 'full'], pause.env, unread);
    await pause.reached();
    const attached = lab.start(['backup', '--json']);
    while (!(await lab.run(['status', '--json'])).stdout.includes('"running"'));
    pause.goOn();
    expect((await verify.ended).code).toBe(0);
    expect((await attached.ended).code).toBe(0);
    expect(await lab.json(['list'])).toHaveLength(2);
  });

  it('is told about once, when it cannot be written', async () => {
    const { code, stderr } = await shared().run(['list'], {}, toFullDisk);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The result could not be written: ENOSPC[^\n]*\n$/);
  });

  it('is kept back with --quiet while all is well, and tells on stderr what is not', async () => {
    expect(await shared().run(['list', '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const { stdout: told } = await shared().run(['status']);
    expect(told).toContain('not proven');
    expect(await shared().run(['status', '--quiet'])).toMatchObject({ code: 3, stdout: '', stderr: told });
    const asJson = await shared().run(['status', '--quiet', '--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ exitCode: 3 });
    expect(asJson.stderr).toBe('');
  });
});
