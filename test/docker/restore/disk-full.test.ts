import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, type TestContext } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { messageOf } from '../../../shared/lib/app-error.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { OwnEngine } from '../../services/docker/engine.ts';
import { secondEngine } from '../../services/docker/test-engine.ts';
import { echoVolume, leftovers, liveLab, type LiveLab } from './live-lab.ts';

const run = promisify(execFile);
type BeforeStep = (step: string) => void;
const diskMiB = 40;
const fileBytes = 8 * 1024 * 1024;

/** An engine that keeps its volumes on a small disk; the mount goes with it. */
async function smallEngine(context: TestContext): Promise<OwnEngine> {
  const engine = await secondEngine();
  // While it runs: when it starts it unmounts what is mounted below its root.
  const volumes = path.join(engine.place.dataRoot, 'volumes');
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(diskMiB)}m,mode=701`, 'tmpfs', volumes]);
  } catch (error) {
    if (process.env['TRINITY_TEST_REQUIRE_ALL'] !== undefined) throw error;
    context.skip('mounting is refused here');
  }
  return engine;
}

type FullLab = Readonly<{
  lab: LiveLab;
  backupId: string;
  /** Takes all room on the engine's disk but this much; `free` gives it back. */
  fill: (leftBytes: number) => void;
  free: () => void;
}>;

/** A backup of a volume with a large file, which is another one now. */
async function fullLab(context: TestContext, access: 'auto' | 'helper'): Promise<FullLab> {
  const engine = await smallEngine(context);
  const lab = await liveLab(engine, access);
  const large = path.join(engine.volumeData(echoVolume), 'large');
  writeFileSync(large, randomBytes(fileBytes));
  const { backupId } = await createBackup(lab.context, { trigger: 'manual' }, quietly);
  writeFileSync(large, randomBytes(fileBytes));
  lab.write('new');
  const filler = path.join(engine.place.dataRoot, 'volumes/filler');
  return {
    lab,
    backupId,
    fill: (leftBytes) => {
      const { bavail, bsize } = statfsSync(path.dirname(filler));
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
    },
    free: () => rmSync(filler),
  };
}

/** A restore that fails for want of room: why. Nothing of it is left, nobody stands still, and everything is as it was. */
async function failed({ lab, backupId }: FullLab, beforeStep: BeforeStep = () => undefined): Promise<string> {
  const before = await lab.states();
  const request = { ...inPlace(backupId), safetyBackup: false };
  const error = await rejectionOf(restoreBackup(lab.context, request, quietly, { beforeStep }));
  expect(lab.generations()).toEqual(['new', 'new', 'new']);
  expect(await lab.states()).toEqual(before);
  expect(await leftovers(lab)).toEqual([]);
  expect(lab.starts()).not.toMatch(/old new|new old/u);
  return messageOf(error);
}

async function succeeds({ lab, backupId }: FullLab, beforeStep: BeforeStep = () => undefined): Promise<void> {
  const request = { ...inPlace(backupId), safetyBackup: false };
  await restoreBackup(lab.context, request, quietly, { beforeStep });
  expect(lab.generations()).toEqual(['old', 'old', 'old']);
}

describe("a live restore when the engine's disk is full", () => {
  it('is refused before anything is written, and needs no room once all is staged', async (context) => {
    const full = await fullLab(context, 'auto');
    full.fill(fileBytes / 2);
    expect(await failed(full)).toMatch(/free|room|space/iu);
    full.free();
    // Once all is staged, nothing more is written: only names change.
    await succeeds(full, (step) => {
      if (step === 'stopped') full.fill(0);
    });
  });

  it('is given up while a container stages, and put back while one brings it to its place', async (context) => {
    const full = await fullLab(context, 'helper');
    full.fill(fileBytes / 2);
    expect(await failed(full)).toMatch(/No space left on device.*Make room on the engine's disk/u);
    full.free();
    const beforeStep = (step: string): void => {
      if (step === 'stopped') full.fill(fileBytes / 2);
    };
    const message = await failed(full, beforeStep);
    expect(message).toMatch(/No space left on device.*Make room on the engine's disk/u);
    full.free();
    await succeeds(full);
  });
});
