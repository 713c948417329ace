import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedLab } from '../../helpers/command-lab.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { digestOfInstall } from '../crash/crash-install.ts';

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

async function backupOf(lab: ReturnType<typeof shared>): Promise<string> {
  const [backup] = (await lab.json(['list'])) as { backupId: string }[];
  return backup?.backupId ?? '';
}

describe('restore --as', () => {
  it('says what it would make, and makes nothing without the word for it, or under a name that cannot be', async () => {
    const lab = shared();
    const id = await backupOf(lab);
    const before = digestOfInstall(lab);
    const told = await lab.run(['restore', id, '--agent', 'one', '--as', 'three']);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/A new agent, three, is made of one[^]*Nothing was done: add --confirm/u);
    const taken = await lab.run(['restore', id, '--agent', 'one', '--as', 'two', '--confirm']);
    expect(taken).toMatchObject({
      code: 1,
      stderr: 'Trinity has an agent two already. Choose another name.\n',
    });
    for (const wrong of [
      ['--as', 'three'],
      ['--agent', 'one', '--as', 'Three'],
      ['--agent', 'one', '--as', 'three', '--to', path.join(lab.base, 'new')],
      ['--agent', 'one', '--as', 'three', '--new-install', path.join(lab.base, 'new')],
      ['--agent', 'one', '--as', 'three', '--only', 'persistence'],
    ])
      expect([wrong, (await lab.run(['restore', id, ...wrong, '--confirm'])).code]).toEqual([wrong, 2]);
    expect(digestOfInstall(lab)).toBe(before);
  });

  it('makes the agent, says what comes next, and has it in the history under its name', async () => {
    const lab = shared();
    const id = await backupOf(lab);
    const one = path.join(lab.volumes, 'agent-one-workspace/_data');
    const done = await lab.run(['restore', id, '--agent', 'one', '--as', 'three', '--confirm']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/restored and checked: memory\/agent-three-workspace\./u);
    expect(done.stdout).toMatch(/Start the agent three in Trinity[^]*delete the agent three in Trinity/u);
    const three = path.join(lab.volumes, 'agent-three-workspace/_data');
    expect(existsSync(three)).toBe(true);
    expect(snapshotTree(three)).toEqual(snapshotTree(one));
    const backup = await lab.json(['backup', '--agent', 'three']);
    expect(backup).toMatchObject({ components: ['memory'], incomplete: false, warnings: [] });
  });
});
