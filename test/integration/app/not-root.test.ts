import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandFile } from '../../helpers/command-file.ts';
import { sharedLab } from '../../helpers/command-lab.ts';

const nobody = 65_534;
const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

describe('a user who may not give files away', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'gets everything back, and is told that owners are not kept',
    async (context) => {
      // The bundles of this run lie in a folder of root's own.
      chmodSync(path.dirname(commandFile()), 0o755);
      const lab = await shared().copy();
      chmodSync(lab.base, 0o755);
      if ((await lab.run(['--version'], {}, asNobody)).code !== 0)
        context.skip('this folder is closed to other users');
      const [backup] = (await lab.json(['list'])) as { backupId: string }[];
      const own = path.join(lab.base, 'own');
      mkdirSync(own);
      chmodSync(own, 0o777);
      // The vault as a rescued disk: readable, on which root wrote.
      for (const name of readdirSync(lab.vault, { recursive: true, encoding: 'utf8' })) {
        const file = path.join(lab.vault, name);
        chmodSync(file, lstatSync(file).isDirectory() ? 0o755 : 0o644);
      }
      chmodSync(lab.vault, 0o755);
      const env = {
        HOME: own,
        TRINITY_BACKUP_HOME: path.join(own, 'home'),
        XDG_STATE_HOME: path.join(own, 'state'),
        TRINITY_BACKUP_RECOVERY_KEY: lab.recoveryKey,
      };
      const connected = await lab.run(['connect', '--vault', lab.vault], env, asNobody);
      expect(connected).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/cannot be written/),
      });
      const withoutKey = await lab.run(['list'], { ...env, TRINITY_BACKUP_RECOVERY_KEY: '' }, asNobody);
      expect(withoutKey.code).toBe(7);
      const id = backup?.backupId ?? '';
      const built = path.join(own, 'trinity');
      const volumes = path.join(own, 'volumes');
      mkdirSync(volumes);
      chmodSync(volumes, 0o777);
      const args = ['restore', id, '--new-install', built, '--volumes-root', volumes, '--confirm', '--json'];
      const restored = await lab.run(args, env, asNobody);
      expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 3, stderr: '' });
      const { warnings } = JSON.parse(restored.stdout) as { warnings: readonly { code: string }[] };
      expect([...new Set(warnings.map(({ code }) => code))]).toEqual(['owner-not-kept']);
      const data = 'agent-one-workspace/_data';
      execFileSync('diff', ['-r', path.join(lab.volumes, data), path.join(volumes, data)]);
      expect(readdirSync(volumes).toSorted()).toEqual(readdirSync(lab.volumes).toSorted());
    },
  );

  it.skipIf(process.getuid?.() !== 0)(
    'is told of a live folder whose owner is not as it was, though nothing in it has changed',
    async (context) => {
      chmodSync(path.dirname(commandFile()), 0o755);
      const lab = await shared().copy();
      const extra = path.join(lab.base, 'extra');
      mkdirSync(path.join(extra, 'of-root'), { recursive: true });
      await lab.json(['settings', 'set', 'paths', JSON.stringify([extra])]);
      const { backupId } = (await lab.json(['backup'])) as { backupId: string };
      execFileSync('chown', ['-R', `${nobody}:${nobody}`, lab.base]);
      if ((await lab.run(['--version'], {}, asNobody)).code !== 0)
        context.skip('this folder is closed to other users');
      const args = ['restore', backupId, '--only', 'paths', '--confirm', '--json'];
      const restored = await lab.run(args, {}, asNobody);
      expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 3, stderr: '' });
      const { warnings } = JSON.parse(restored.stdout) as {
        warnings: readonly { code: string; message: string }[];
      };
      expect(warnings.map(({ code }) => code)).toEqual(['owner-not-kept']);
      expect(warnings[0]?.message).toContain(`${extra} and 1 more folder`);
    },
  );
});
