import { truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { patternsOf, workspaceExcludes } from '../../../main/trinity/default-excludes.ts';
import { compileExclude } from '../../../main/vault/capture/walk/exclude.ts';
import { CommandLab, passphrase } from '../../helpers/command-lab.ts';
import { writeFidelityTree } from '../../helpers/fidelity-tree.ts';
import { readLedger } from '../../helpers/ledger.ts';
import { removeFolder, tempFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree, type TreeSnapshot } from '../../helpers/tree-snapshot.ts';
import { containerStates } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { whilePaused } from '../../services/miniature/look.ts';
import {
  agentLedgers,
  agentNames,
  startMiniature,
  type Miniature,
} from '../../services/miniature/miniature.ts';

const engine = sharedEngine();
const backupShape = z.object({
  backupId: z.string(),
  frozenMs: z.number(),
  bytesAdded: z.number(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
const shownShape = z.object({
  sources: z.array(
    z.object({
      component: z.string(),
      volume: z.string(),
      facts: z.object({ consistency: z.string().optional(), access: z.string().optional() }),
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
  await lab.json(['settings', 'set', 'volumeAccess', 'helper']);
  await lab.json(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
});

afterAll(async () => {
  await miniature.remove();
  await removeFolder(lab.base);
});

async function restored(backupId: string): Promise<string> {
  const target = path.join(await tempFolder(), 'restored');
  await lab.json(['restore', backupId, '--only', 'memory', '--to', target]);
  return path.join(target, 'memory');
}

/** What a backup holds of a volume, as it is just now. */
function liveTree(volume: string): TreeSnapshot {
  const folder = engine.volumeData(volume);
  const exclude = compileExclude(volume.endsWith('-workspace') ? patternsOf(workspaceExcludes) : []);
  // Every pattern of these is of folders, or of names that no folder has.
  const leaveOut = (name: string): boolean => name !== '' && exclude.matches(Buffer.from(name), true);
  const tree = Object.entries(snapshotTree(folder, leaveOut));
  return withoutOwners(Object.fromEntries(tree.filter(([, text]) => !text.startsWith('special '))));
}

/** Modes and owners are not what `--to` brings back: those are for its user alone. */
function withoutOwners(tree: TreeSnapshot): TreeSnapshot {
  return Object.fromEntries(
    Object.entries(tree).map(([name, text]) => [name, text.replace(/ [0-7]+ \d+:\d+ /u, ' ')]),
  );
}

describe('backup by helpers', () => {
  it('holds every volume in one moment while agents write, and leaves no container behind', async () => {
    const before = await containerStates(engine);
    const made = backupShape.parse(await lab.json(['backup']));
    expect(made.warnings).toStrictEqual([]);
    expect(await containerStates(engine)).toStrictEqual(before);
    const { sources } = shownShape.parse(await lab.json(['show', made.backupId]));
    const volumes = sources.filter(({ component }) => component === 'memory');
    expect(new Set(volumes.map(({ facts }) => facts.access))).toStrictEqual(new Set(['helper']));
    expect(volumes.map(({ facts }) => facts.consistency)).not.toContain('live');
    const folder = await restored(made.backupId);
    for (const { volume, file } of agentLedgers) {
      const ledger = readLedger(path.join(folder, volume, file));
      expect({ volume, file, ...ledger }).toMatchObject({ isConsistent: true });
      expect(ledger.steps).toBeGreaterThan(0);
    }
  });

  it('brings back every volume as it is, after a backup that read only what had changed', async () => {
    const fidelity = path.join(engine.volumeData('agent-echo-workspace'), 'fidelity');
    await writeFidelityTree(fidelity);
    truncateSync(path.join(fidelity, 'sparse'), 8_000_000);
    const containers = agentNames.map((name) => `agent-${name}`);
    await whilePaused(engine, containers, async () => {
      const made = backupShape.parse(await lab.json(['backup']));
      expect(made.warnings).toStrictEqual([]);
      const folder = await restored(made.backupId);
      const { sources } = shownShape.parse(await lab.json(['show', made.backupId]));
      const volumes = sources.filter(({ component }) => component === 'memory').map(({ volume }) => volume);
      expect(volumes.length).toBeGreaterThan(5);
      for (const volume of volumes) {
        const live = liveTree(volume);
        expect(Object.keys(live).length).toBeGreaterThan(1);
        expect(withoutOwners(snapshotTree(path.join(folder, volume)))).toStrictEqual(live);
      }
    });
  });
});
