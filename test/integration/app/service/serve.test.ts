import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CommandLab, Pause, type RunningCommand, sharedLab } from '../../../helpers/command-lab.ts';

const shared = sharedLab();

/** The application of a lab, once it answers. */
async function serving(lab: CommandLab, env: NodeJS.ProcessEnv = {}): Promise<RunningCommand> {
  const serve = lab.start(['serve', '--port', '0'], env);
  while (!existsSync(path.join(lab.home, 'engine.sock'))) await delay(10);
  return serve;
}

describe('serve', () => {
  it('answers commands until SIGTERM, and leaves nothing behind', async () => {
    const lab = await shared().copy();
    const serve = await serving(lab);
    await lab.json(['backup']);
    expect(await lab.json(['list'])).toHaveLength(1);
    serve.kill('SIGTERM');
    const { code, stdout, stderr } = await serve.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Trinity Backup serves ${lab.home} at http://127.0.0.1:`);
    expect(existsSync(path.join(lab.home, 'engine.sock'))).toBe(false);
    expect(await lab.json(['list'])).toHaveLength(1);
  });

  it('is refused at once where another serves the home', async () => {
    const lab = await shared().copy();
    const serve = await serving(lab);
    const second = await lab.run(['serve', '--port', '0']);
    expect(second.code).toBe(4);
    expect(second.stderr).toMatch(/^Another trinity-backup already serves .*\n$/);
    serve.kill('SIGINT');
    expect((await serve.ended).code).toBe(0);
  });

  it('begins nothing where its port is taken, and says so', async () => {
    const lab = await shared().copy();
    const other = createServer().listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await lab.run(['serve', '--port', String(port)]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${String(port)} is taken by another program: choose another with --port.\n`,
    });
    // Else a backup at the end would have been made, and agents frozen for it, however often it is started.
    expect(await lab.json(['list'])).toEqual([]);
  });

  it('waits for a command that is the engine of the home just now', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = lab.start(['backup', '--json'], pause.env);
    await pause.reached();
    const serve = lab.start(['serve', '--port', '0']);
    while (!existsSync(path.join(lab.home, 'application.lock'))) await delay(10);
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
    while (!existsSync(path.join(lab.home, 'engine.sock'))) await delay(10);
    serve.kill('SIGTERM');
    expect(await serve.ended).toMatchObject({ code: 0 });
  });

  it('lets a backup that goes on end when it is stopped, and takes no further commands', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const serve = await serving(lab, pause.env);
    const backup = lab.start(['backup', '--json']);
    await pause.reached();
    serve.kill('SIGTERM');
    while (existsSync(path.join(lab.home, 'engine.sock'))) await delay(10);
    const list = lab.start(['list', '--json']);
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
    expect((await serve.ended).code).toBe(0);
    expect(JSON.parse((await list.ended).stdout)).toHaveLength(1);
    expect(readFileSync(path.join(lab.home, 'settings.json'), 'utf8')).toContain('"enabled": true');
  });
});
