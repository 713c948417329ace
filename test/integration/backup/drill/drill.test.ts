import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { drill } from '../../../../main/backup/drill/drill.ts';
import { planDrill } from '../../../../main/backup/drill/plan-drill.ts';
import { listProofs } from '../../../../main/vault/manifests/proofs.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';
import { backedUp } from '../../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../../helpers/tiny-install.ts';

const sources = [
  'persistence',
  'config',
  'files',
  'memory/agent-echo-workspace',
  'memory/agent-research-public',
  'memory/agent-scout-workspace',
];

async function provenSources({ vault }: TinyInstall): Promise<readonly string[]> {
  const proofs = await listProofs(vault.storage, vault.objectKeys);
  return proofs.flatMap(({ provenAtMs }) => Object.keys(provenAtMs)).toSorted();
}

/** A credential of the database, sealed with the key of the test vector of Trinity's envelopes. */
function addCredential(file: string): void {
  const envelope = {
    version: 1,
    algorithm: 'AES-256-GCM',
    nonce: 'AAECAwQFBgcICQoL',
    ciphertext: 'bTrUWDQhv9m5UgyjUKUNcAVQ3lzBJFnsUg81qVeWCEqkqBVDg4dagJLZyp2rue8t',
  };
  const database = new Database(file);
  database.exec(
    'CREATE TABLE system_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL)',
  );
  database
    .prepare('INSERT INTO system_settings VALUES (?, ?, ?)')
    .run('anthropic_api_key_encrypted', JSON.stringify(envelope), '2026-01-01T00:00:00Z');
  database.close();
}

/** A method that finds the private parts of the object it is taken from. */
function boundTo(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

describe('drill', () => {
  it('restores every source, checks it, throws it away and records the proof', async () => {
    const { tiny, backupId } = await backedUp();
    const outcome = await drill(tiny.context, {}, quietly);
    expect(outcome).toMatchObject({
      backupId,
      ok: true,
      failed: [],
      skipped: [],
      credential: { state: 'untested' },
    });
    expect(outcome.proven).toEqual(sources);
    expect(await provenSources(tiny)).toEqual(sources.toSorted());
    expect(readdirSync(path.join(tiny.home, 'scratch'))).toEqual([]);
  });

  it('opens a credential with the backed-up key, and says when it does not fit', async () => {
    const tiny = await tinyInstall();
    addCredential(tiny.database);
    await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    const failed = await drill(tiny.context, {}, quietly);
    expect(failed).toMatchObject({ ok: false, credential: { state: 'failed' } });
    expect(failed.proven).toEqual(sources.filter((source) => source !== 'persistence'));

    const file = path.join(tiny.folder, '.env');
    const key = '00112233445566778899aabbccddeeff'.repeat(2);
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(/^CREDENTIAL_ENCRYPTION_KEY=.*$/mu, `CREDENTIAL_ENCRYPTION_KEY=${key}`),
    );
    await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    expect(await drill(tiny.context, {}, quietly)).toMatchObject({
      ok: true,
      credential: { state: 'opened' },
    });
  });

  it('names the source that does not come back, and proves the others', async () => {
    const tiny = await tinyInstall();
    await writeFile(tiny.database, 'HTTP/1.1 502 Bad Gateway\n'.repeat(200));
    await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    const outcome = await drill(tiny.context, {}, quietly);
    expect(outcome.ok).toBe(false);
    expect(outcome.failed.map(({ source }) => source)).toEqual(['persistence']);
    expect(outcome.proven).not.toContain('persistence');
    expect(await provenSources(tiny)).toContain('files');
    expect(await provenSources(tiny)).not.toContain('persistence');
  });

  it('says when there is nothing to rehearse', async () => {
    const { context } = await tinyInstall();
    await expect(drill(context, {}, quietly)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(drill(context, { backupId: 'nonsense' }, quietly)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('takes each source from the newest backup that has it', async () => {
    const { tiny, backupId } = await backedUp();
    await createBackup(tiny.context, { trigger: 'manual', only: ['persistence', 'config'] }, quietly);
    const outcome = await drill(tiny.context, {}, quietly);
    expect(outcome.proven.toSorted()).toEqual(sources.toSorted());
    const proofs = await listProofs(tiny.vault.storage, tiny.vault.objectKeys);
    const older = proofs.find((proof) => proof.backupId === backupId);
    expect(Object.keys(older?.provenAtMs ?? {}).toSorted()).toEqual(
      sources.filter((source) => source !== 'persistence' && source !== 'config').toSorted(),
    );
    expect(proofs).toHaveLength(2);
  });

  it('keeps what was proven when it is cut short', async () => {
    const { tiny } = await backedUp();
    const cancel = new AbortController();
    const cut = drill(
      tiny.context,
      {},
      {
        signal: cancel.signal,
        onProgress: ({ detail }) => {
          if (detail.startsWith('memory/agent-scout')) cancel.abort();
        },
      },
    );
    await expect(cut).rejects.toThrow();
    const proven = await provenSources(tiny);
    expect(proven).toContain('files');
    expect(proven).not.toContain('memory/agent-scout-workspace');
    expect(readdirSync(path.join(tiny.home, 'scratch'))).toEqual([]);
  });

  it('plans what a rehearsal takes, and by the schedule only what is due', async () => {
    const { tiny, backupId } = await backedUp();
    const { plan } = await planDrill(tiny.context, { bytesPerMs: 1000 }, quietly);
    expect(plan).toMatchObject({ backupId, downloadBytes: 0, skipped: [] });
    expect(plan.sources.map(({ source }) => source).toSorted()).toEqual(sources.toSorted());
    expect(plan.bytes).toBe(plan.sources.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(plan.estimatedMs).toBe(Math.round(plan.bytes / 1000));
    expect(plan.largestBytes).toBeLessThan(plan.bytes);
    await drill(tiny.context, {}, quietly);
    const due = await planDrill(tiny.context, { isScheduled: true }, quietly);
    expect(due.plan.sources.map(({ source }) => source)).toHaveLength(4);

    const storage = Object.assign(Object.create(tiny.vault.storage), { isLocal: false });
    const vault = new Proxy(tiny.vault, {
      get: (real, name) => (name === 'storage' ? storage : boundTo(real, name)),
    });
    const away = await planDrill({ ...tiny.context, vault }, {}, quietly);
    expect(away.plan.downloadBytes).toBeGreaterThan(0);
    expect(away.plan.downloadBytes).toBeLessThan(2 * plan.bytes + 1e6);
  });
});
