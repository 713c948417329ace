import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandFile } from '../../../helpers/command-file.ts';
import { type CommandLab, emptyLab } from '../../../helpers/command-lab.ts';
import { servingLab } from '../../../helpers/serving-lab.ts';

const seen = z.object({ pid: z.number(), method: z.string(), place: z.record(z.string(), z.unknown()) });

function watched(lab: CommandLab): NodeJS.ProcessEnv {
  const hook = path.join(path.dirname(commandFile()), 'net-watch.child.js');
  return { NODE_OPTIONS: `--import=${hook}`, TRINITY_TEST_NET_LOG: path.join(lab.base, 'net.log') };
}

/** What processes have asked for, each once. */
function asked(lab: CommandLab): readonly Readonly<Record<string, unknown>>[] {
  const file = path.join(lab.base, 'net.log');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const places = lines.map((line) => JSON.stringify(seen.parse(JSON.parse(line)).place));
  return [...new Set(places)].map((place) => z.record(z.string(), z.unknown()).parse(JSON.parse(place)));
}

function isExpected(place: Readonly<Record<string, unknown>>, lab: CommandLab): boolean {
  const { path: socket, host } = place;
  if (typeof socket === 'string') {
    // The engine of this home, and where Docker may listen; abstract names are locks of this machine.
    return (
      socket.startsWith(lab.base) ||
      /docker|podman|\/proc\/self\/fd\//u.test(socket) ||
      socket.startsWith('\0')
    );
  }
  return ['localhost', '127.0.0.1', '::1'].includes(String(host));
}

describe('with default settings', () => {
  it('nothing is contacted but loopback, the Docker socket and the destination', async () => {
    const lab = await emptyLab();
    const env = watched(lab);
    await lab.setUp(env);
    // A first backup of the schedule would be in the way of the one that is asked for.
    await lab.json(['settings', 'set', 'enabled', 'false'], 0, env);
    const serve = await servingLab(lab, env);
    const { backup_id } = z
      .object({ backup_id: z.string() })
      .parse(await serve.json('POST', '/api/v1/admin/backups'));
    await serve.json('GET', '/metrics');
    const body = { backup_id, components: ['memory'], confirm: true };
    await serve.json('POST', '/api/v1/admin/backups/restore', body);
    for (const args of [['verify', '--data', 'full'], ['drill'], ['status'], ['list']]) {
      await lab.run([...args, '--json'], env);
    }
    expect(await serve.stop()).toMatchObject({ code: 0 });
    const all = asked(lab);
    // The commands have reached the engine of the home: the watch does see.
    expect(
      all.some(({ path: socket }) => String(socket).includes('engine.sock') || String(socket).includes('fd')),
    ).toBe(true);
    expect(all.filter((place) => !isExpected(place, lab))).toEqual([]);
  });

  it('would be seen if it did', async () => {
    const lab = await emptyLab();
    const script =
      "require('net').connect(9, '192.0.2.1').on('error', () => 0).destroy(); require('dns').lookup('example.invalid', () => 0)";
    spawnSync(process.execPath, ['-e', script], { env: { ...process.env, ...watched(lab) } });
    expect(asked(lab).filter((place) => !isExpected(place, lab))).toEqual([
      { host: '192.0.2.1' },
      { host: 'example.invalid' },
    ]);
  });
});
