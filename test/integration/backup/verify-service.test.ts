import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { backedUp } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';

describe('verifyVault', () => {
  it('reads data of a small vault in every part of its rotation', async () => {
    const { tiny } = await backedUp();
    for (let samplePart = 0; samplePart < 3; samplePart += 1) {
      const request = { data: 'sample', samplePart } as const;
      const { ok, checkedBytes } = await verifyVault(tiny.context, request, quietly);
      expect(ok).toBe(true);
      expect(checkedBytes).toBeGreaterThan(0);
    }
  });

  it('comes round to every pack', async () => {
    const { tiny } = await backedUp();
    // Older data, which no sample reads for the sake of the newest backup.
    for (let count = 0; count < 3; count += 1) {
      writeFileSync(path.join(tiny.data, 'agent-files', 'changing.bin'), randomBytes(50_000));
      await createBackup(tiny.context, { trigger: 'manual', only: ['files'] }, quietly);
    }
    const packs = path.join(tiny.vaultFolder, 'packs');
    const files = readdirSync(packs, { recursive: true, encoding: 'utf8' }).filter(
      (name) => path.basename(name).length === 64,
    );
    for (const name of files) {
      const file = path.join(packs, name);
      const bytes = readFileSync(file);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      chmodSync(file, 0o600);
      writeFileSync(file, bytes);
    }
    const found = new Set<string>();
    for (let samplePart = 5; samplePart < 25; samplePart += 1) {
      const { damaged } = await verifyVault(tiny.context, { data: 'sample', samplePart }, quietly);
      for (const { object } of damaged) found.add(path.basename(object));
    }
    expect(files.map((name) => path.basename(name)).filter((name) => !found.has(name))).toEqual([]);
  });
});
