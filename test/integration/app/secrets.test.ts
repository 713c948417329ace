import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandLab, type Ended, passphrase, Pause, sharedLab } from '../../helpers/command-lab.ts';
import { secretOfInstall } from '../crash/crash-install.ts';

const shared = sharedLab();

function secretsOf(lab: CommandLab): readonly string[] {
  return [passphrase, lab.recoveryKey, lab.recoveryKey.replaceAll('-', ''), secretOfInstall];
}

/** Files below a folder, with their content. */
function filesIn(folder: string): readonly Readonly<{ file: string; content: Buffer; mode: number }>[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const file = path.join(folder, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat?.isFile() === true ? [{ file, content: readFileSync(file), mode: stat.mode & 0o777 }] : [];
  });
}

function expectNoSecret(lab: CommandLab, { stdout, stderr }: Ended): void {
  for (const secret of secretsOf(lab)) {
    expect(stdout).not.toContain(secret);
    expect(stderr).not.toContain(secret);
  }
}

describe('secrets', () => {
  it('stand in no file of vault, home or state, and those are for their owner only', async () => {
    const lab = await shared().copy();
    expectNoSecret(lab, await lab.run(['backup', '--note', 'a note that is no secret']));
    expectNoSecret(lab, await lab.run(['keys', 'add-passphrase', '--passphrase-file', lab.passphraseFile]));
    for (const folder of [lab.vault, lab.home, path.join(lab.base, 'state')]) {
      for (const { file, content, mode } of filesIn(folder)) {
        expect({ file, others: mode & 0o077 }).toEqual({ file, others: 0 });
        const found = secretsOf(lab).filter((secret) => content.includes(secret));
        expect({ file, found }).toEqual({ file, found: [] });
      }
    }
    expect(statSync(lab.home).mode & 0o777).toBe(0o700);
    expect(statSync(lab.vault).mode & 0o777).toBe(0o700);
  });

  it('stand in no error, also when they are wrong', async () => {
    const lab = shared();
    const wrong = await lab.run(['connect', '--vault', lab.vault], {
      TRINITY_BACKUP_PASSPHRASE: 'wrong-secret',
    });
    expect([wrong.code, wrong.stderr.includes('wrong-secret')]).toEqual([7, false]);
    const typo = await lab.run([
      'connect',
      '--vault',
      lab.vault,
      '--recovery-key',
      'WRONG1-SECRET',
      '--json',
    ]);
    expect([typo.code, typo.stderr.includes('WRONG1')]).toEqual([7, false]);
  });

  it('stand in no argument of any process, while a backup runs', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    const backup = lab.start(['backup'], { ...pause.env, TRINITY_BACKUP_PASSPHRASE: passphrase });
    await pause.reached();
    const lines = [backup.pid, ...childrenOf(backup.pid)].map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    );
    for (const secret of secretsOf(lab)) expect(lines.join('\n')).not.toContain(secret);
    // The private copy of the database, while it is there.
    for (const { file, mode } of filesIn(path.join(lab.home, 'scratch'))) {
      expect({ file, others: mode & 0o077 }).toEqual({ file, others: 0 });
    }
    pause.goOn();
    await backup.ended;
    expect(filesIn(path.join(lab.home, 'scratch'))).toEqual([]);
  });

  it('are hidden from lists of processes, where a key had to be typed as an argument', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'read', prefix: 'keys/' });
    const args = ['connect', '--vault', lab.vault, '--recovery-key', lab.recoveryKey];
    const connecting = lab.start(args, pause.env);
    await pause.reached();
    expect(readFileSync(`/proc/${connecting.pid}/cmdline`, 'utf8')).not.toContain(lab.recoveryKey);
    pause.goOn();
    expect((await connecting.ended).code).toBe(0);
  });
});

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}
