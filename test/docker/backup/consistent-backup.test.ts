import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CommandLab, passphrase, Pause } from '../../helpers/command-lab.ts';
import { readLedger, tickDistances } from '../../helpers/ledger.ts';
import { removeFolder, tempFolder } from '../../helpers/temp-folder.ts';
import { containerSecrets } from '../../services/miniature/look.ts';
import { agentLedgers, startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { containerStates, pauseContainer } from '../../services/docker/containers.ts';
import { firstEvent } from '../../services/docker/engine-events.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const engine = sharedEngine();
const backupShape = z.object({
  backupId: z.string(),
  frozenMs: z.number(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
const shownShape = z.object({
  install: z.object({ skewMs: z.number() }),
  sources: z.array(
    z.object({
      component: z.string(),
      volume: z.string(),
      frozenMs: z.number(),
      facts: z.object({ consistency: z.string().optional(), held: z.array(z.string()).optional() }),
    }),
  ),
});

let miniature: Miniature;
let lab: CommandLab;

beforeAll(async () => {
  miniature = await startMiniature({ engine });
  lab = new CommandLab(await mkdtemp(path.join(tmpdir(), 'trinity-test-')));
  writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  await lab.json(['install', '--path', miniature.folder, '--docker-host', `unix://${engine.socket}`]);
  await lab.json(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
});

afterAll(async () => {
  await miniature.remove();
  await removeFolder(lab.base);
});

describe('backup of a Trinity at work', () => {
  it('holds every volume in one moment, also one that a consumer writes to, and leaves all containers as they were', async () => {
    const before = await containerStates(engine);
    for (let round = 1; round <= 3; round += 1) {
      const made = backupShape.parse(await lab.json(['backup']));
      expect(made.warnings).toStrictEqual([]);
      expect(made.frozenMs).toBeGreaterThan(0);
      const target = path.join(await tempFolder(), 'restored');
      await lab.json(['restore', made.backupId, '--only', 'memory', '--to', target]);
      for (const { volume, file } of agentLedgers) {
        const ledger = readLedger(path.join(target, 'memory', volume, file));
        expect({ volume, file, ...ledger }).toMatchObject({ isConsistent: true });
        expect(ledger.steps).toBeGreaterThan(0);
      }
      // The database of the writer's shared volume is written by its owner and by a consumer.
      const distances = tickDistances(path.join(target, 'memory/agent-writer-shared'));
      expect(Object.keys(distances).toSorted()).toStrictEqual(['reader', 'writer']);
      for (const distance of Object.values(distances)) expect([0, 1]).toContain(distance);
    }
    expect(await containerStates(engine)).toStrictEqual(before);
  });

  it('says who was held for each volume, for how long, and how far the parts are apart', async () => {
    const { backupId } = backupShape.parse(await lab.json(['backup']));
    const { install, sources } = shownShape.parse(await lab.json(['show', backupId]));
    expect(install.skewMs).toBeGreaterThan(0);
    const shared = sources.find(({ volume }) => volume === 'agent-writer-shared');
    expect(shared).toMatchObject({ facts: { consistency: 'paused' } });
    expect(shared?.facts.held?.toSorted()).toStrictEqual(['agent-reader', 'agent-writer']);
    expect(shared?.frozenMs).toBeGreaterThan(0);
    const idle = sources.find(({ volume }) => volume === 'agent-no-box-workspace');
    expect(idle).toMatchObject({ frozenMs: 0, facts: { consistency: 'idle' } });
  });

  it('keeps what was paused or stopped before as it was', async () => {
    await pauseContainer(engine, 'agent-echo');
    await engine.client.getContainer('agent-writer').stop({ t: 1 });
    const before = await containerStates(engine);
    const made = backupShape.parse(await lab.json(['backup']));
    expect(made.warnings).toStrictEqual([]);
    expect(await containerStates(engine)).toStrictEqual(before);
    await engine.client.getContainer('agent-echo').unpause();
    await engine.client.getContainer('agent-writer').start();
  });

  it('stops an agent in place of pausing it, or lets it run, where the settings say so', async () => {
    await lab.json([
      'settings',
      'set',
      'agents',
      '{"echo":{"consistency":"stop"},"scout":{"consistency":"live"}}',
    ]);
    const before = (await containerStates(engine))['agent-echo'];
    const { backupId } = backupShape.parse(await lab.json(['backup']));
    const { sources } = shownShape.parse(await lab.json(['show', backupId]));
    const consistencyOf = (name: string) => sources.find(({ volume }) => volume === name)?.facts.consistency;
    expect(consistencyOf('agent-echo-workspace')).toBe('stopped');
    expect(consistencyOf('agent-scout-workspace')).toBe('live');
    const after = (await containerStates(engine))['agent-echo'];
    expect(after?.state).toBe('running');
    expect(after?.startedAt).not.toBe(before?.startedAt);
    await lab.json(['settings', 'set', 'agents', '{}']);
  });

  it('brings agents back when it is killed with its whole group while it holds them', async () => {
    const before = await containerStates(engine);
    for (let round = 1; round <= 2; round += 1) {
      // Asked for again and again, states would tell of none that is paused for a moment.
      const { first: paused } = await firstEvent(engine, 'pause');
      const running = lab.start(['backup'], {}, ['setsid']);
      await paused;
      killGroupOf(running.pid);
      await running.ended;
      await expect.poll(async () => await containerStates(engine)).toStrictEqual(before);
    }
    expect(backupShape.parse(await lab.json(['backup'])).warnings).toStrictEqual([]);
  });

  it('lets a list beside it be, and a second home on the same engine', async () => {
    const other = new CommandLab(await tempFolder());
    writeFileSync(other.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    await other.json(['install', '--path', miniature.folder, '--docker-host', `unix://${engine.socket}`]);
    await other.json(['init', '--vault', other.vault, '--passphrase-file', other.passphraseFile]);
    const before = await containerStates(engine);
    const listed = await lab.json(['list']);
    const pause = new Pause(await tempFolder(), { operation: 'put', prefix: 'backups/' });
    const running = Promise.all([lab.json(['backup'], 0, pause.env), other.json(['backup'])]);
    await pause.reached();
    // It is not done yet, and not to be hurried.
    expect(await lab.json(['list'])).toStrictEqual(listed);
    pause.goOn();
    for (const made of await running) expect(backupShape.parse(made).warnings).toStrictEqual([]);
    expect(await containerStates(engine)).toStrictEqual(before);
  });

  it('puts nothing of a container’s environment into the manifest', async () => {
    const { backupId } = backupShape.parse(await lab.json(['backup']));
    const shown = JSON.stringify(await lab.json(['show', backupId]));
    const home = await readFile(path.join(lab.home, 'settings.json'), 'utf8');
    for (const secret of await containerSecrets(engine)) {
      expect(shown.includes(secret)).toBe(false);
      expect(home.includes(secret)).toBe(false);
    }
  });
});

/** `setsid` has made it the first of its group. */
function killGroupOf(pid: number): void {
  process.kill(-pid, 'SIGKILL');
}
