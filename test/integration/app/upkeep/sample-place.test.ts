import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../main/app/engine.ts';
import { verifyVault } from '../../../../main/backup/verify-service.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { changeCrashInstall } from '../../crash/crash-install.ts';
import { tinyEngine, unwatched } from '../../../helpers/tiny-engine.ts';
import { runOperation } from '../../../../main/app/operations/run-operation.ts';

/** What a sample of the first part of the rotation reads, from its beginning to its end. */
async function wholeSample(engine: Engine): Promise<number> {
  const request = { data: 'sample', samplePart: 0 } as const;
  return (await verifyVault(await engine.services(), request, unwatched)).checkedBytes;
}

/** A sample that gives way as soon as it has read a pack. */
async function cutSample(engine: Engine): Promise<void> {
  const cut = new AbortController();
  const onProgress = (): void => cut.abort(new AppError('cancelled', 'It gave way.'));
  const sample = runOperation(engine, 'verify', { data: 'sample' }, { signal: cut.signal, onProgress });
  await expect(sample).rejects.toMatchObject({ kind: 'cancelled' });
}

describe('the place of a sample', () => {
  it('is kept when it is cut off, over a restart too: the next one goes on behind it', async () => {
    const { engine, base, vault, install, volumes, restart } = await tinyEngine();
    await runOperation(engine, 'backup', {}, unwatched);
    changeCrashInstall({ install, volumes });
    await runOperation(engine, 'backup', {}, unwatched);
    const whole = await wholeSample(engine);
    await cutSample(engine);
    const stored = (): unknown => JSON.parse(readFileSync(path.join(base, 'home/upkeep.json'), 'utf8'));
    expect(stored()).toMatchObject({ nextSamplePart: 0, sampleAfter: expect.any(String) });
    const { id } = await engine.vault();
    const { sampleAfter = '' } = await engine.upkeep.read(id);
    const again = await restart();
    const { checkedBytes, ok } = await runOperation(again, 'verify', { data: 'sample' }, unwatched);
    expect(ok).toBe(true);
    const read = statSync(path.join(vault, 'packs', sampleAfter.slice(0, 2), sampleAfter)).size;
    expect(read + checkedBytes).toBe(whole);
    expect(stored()).toMatchObject({ nextSamplePart: 1, lastSampleMs: expect.any(Number) });
    expect(stored()).not.toHaveProperty('sampleAfter');
  });

  it('is that of one vault: another one is read from its beginning', async () => {
    const { engine } = await tinyEngine();
    await runOperation(engine, 'backup', {}, unwatched);
    await cutSample(engine);
    expect(await engine.upkeep.read('another vault')).toEqual({
      vaultId: 'another vault',
      nextSamplePart: 0,
    });
  });
});
