import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { manifestModel, restoreModel } from '../../../../main/headless/server/routes/models.ts';
import { type RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';

let nowMs = Date.now();
/** Every test in a minute of its own: limits are tested elsewhere. */
const shared = sharedRestLab({ isSetUp: true, now: () => nowMs });
beforeEach(() => (nowMs += 120_000));
const backups = '/api/v1/admin/backups';
const listed = z.object({
  backups: z.array(manifestModel),
  next_cursor: z.string().nullable(),
  has_more: z.boolean(),
});

function notesOf({ volumes }: RestLab): string {
  return path.join(volumes, 'agent-one-workspace/_data/notes.txt');
}

async function made(lab: RestLab, body?: unknown): Promise<z.infer<typeof manifestModel>> {
  const answer = await lab.ask({ method: 'POST', path: backups, ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBe(201);
  const manifest = manifestModel.parse(answer.json);
  expect(answer.headers['location']).toBe(`${backups}/${manifest.backup_id}`);
  return manifest;
}

describe('backups over REST', () => {
  it('are made, listed newest first by pages that nothing moves, seen, and deleted', async () => {
    const lab = shared();
    const first = await made(lab);
    expect(first).toMatchObject({ trigger: 'manual', trinity_version: '0.9.5', incomplete: false });
    expect(first.components.toSorted()).toEqual(['config', 'files', 'memory', 'persistence']);
    expect(first.checksum).toMatch(/^[0-9a-f]{64}$/);
    const second = await made(lab, { components: ['persistence'], note: 'by program' });
    expect(second).toMatchObject({ components: ['persistence'], note: 'by program' });
    const page = listed.parse((await lab.ask({ path: `${backups}?limit=1` })).json);
    expect(page).toMatchObject({ backups: [{ backup_id: second.backup_id }], has_more: true });
    const third = await made(lab, { components: ['config'] });
    const next = await lab.ask({ path: `${backups}?limit=5&cursor=${page.next_cursor ?? ''}` });
    expect(listed.parse(next.json)).toMatchObject({
      backups: [{ backup_id: first.backup_id }],
      has_more: false,
      next_cursor: null,
    });
    const seen = await lab.ask({ path: `${backups}/${third.backup_id}` });
    expect(seen).toMatchObject({ status: 200, json: third });
    expect((await lab.ask({ method: 'DELETE', path: `${backups}/${third.backup_id}` })).status).toBe(204);
    const all = listed.parse((await lab.ask({ path: backups })).json);
    expect(all.backups.map(({ backup_id }) => backup_id)).toEqual([second.backup_id, first.backup_id]);
  });

  it('are restored in place, after a safety backup', async () => {
    const lab = shared();
    const { backup_id } = await made(lab);
    const before = readFileSync(notesOf(lab), 'utf8');
    writeFileSync(notesOf(lab), 'overwritten');
    const restored = await lab.ask({
      method: 'POST',
      path: `${backups}/restore`,
      body: { backup_id, components: ['memory'], confirm: true },
    });
    expect(restored.status).toBe(200);
    const result = restoreModel.parse(restored.json);
    expect(result).toMatchObject({ manifest: { backup_id }, restored_components: ['memory'] });
    expect(result.safety_backup_id).toMatch(/^[0-9a-f]{12}$/);
    expect(readFileSync(notesOf(lab), 'utf8')).toBe(before);
    const safety = await lab.ask({ path: `${backups}/${result.safety_backup_id ?? ''}` });
    expect(safety.json).toMatchObject({ trigger: 'pre_migration' });
  });

  it('are restored whole, the database too', async () => {
    const lab = shared();
    const file = path.join(lab.install, 'trinity-data/trinity.db');
    const { backup_id } = await made(lab);
    const changed = new Database(file);
    changed.exec("INSERT INTO notes (text) VALUES ('after the backup')");
    changed.close();
    const body = { backup_id, confirm: true };
    const restored = await lab.ask({ method: 'POST', path: `${backups}/restore`, body });
    expect(restored.status).toBe(200);
    const result = restoreModel.parse(restored.json);
    expect(result.restored_components.toSorted()).toEqual(['config', 'files', 'memory', 'persistence']);
    const database = new Database(file, { readonly: true });
    expect(database.prepare('SELECT count(*) AS notes FROM notes').get()).toEqual({ notes: 0 });
    database.close();
  });

  it.each([undefined, false])('are not restored when confirm is %j', async (confirm) => {
    const lab = shared();
    const answer = await lab.ask({
      method: 'POST',
      path: `${backups}/restore`,
      body: { backup_id: '000000000000', ...(confirm === undefined ? {} : { confirm }) },
    });
    expect(answer).toMatchObject({ status: 422, json: { kind: 'usage' } });
  });

  it.each([
    [400, { backup_id: 'A1B2C3D4E5F6', confirm: true }],
    [400, { backup_id: '000000000000', confirm: true, components: [] }],
    [400, { backup_id: '000000000000', confirm: 'yes' }],
    [404, { backup_id: '000000000000', confirm: true }],
  ])('answer %i to a restore of %j', async (status, body) => {
    expect((await shared().ask({ method: 'POST', path: `${backups}/restore`, body })).status).toBe(status);
  });

  it('are told in figures', async () => {
    const lab = shared();
    await made(lab);
    const { text, headers } = await lab.ask({ path: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^trinity_backup_last_success_timestamp_seconds \d{10}$/m);
    expect(text).toMatch(/^trinity_backup_agent_last_success_timestamp_seconds\{agent="one"\} \d{10}$/m);
    const status = await lab.ask({ method: 'POST', path: '/ipc/status.get', body: {} });
    const { sentence } = z.object({ value: z.object({ sentence: z.string() }) }).parse(status.json).value;
    expect(text).toContain(`sentence="${sentence}"`);
  });

  it('tell the age of each agent in figures while the vault is away, too', async () => {
    const lab = shared();
    await made(lab);
    const agentsIn = async () => {
      const { text } = await lab.ask({ path: '/metrics' });
      return [
        ...text.matchAll(/^trinity_backup_agent_last_success\w+\{agent="(?<agent>\w+)"\} \d{10}$/gm),
      ].map(({ groups }) => groups?.['agent']);
    };
    expect(await agentsIn()).toEqual(['one', 'two']);
    const vault = path.join(lab.base, 'vault');
    renameSync(vault, `${vault}-away`);
    try {
      expect(await agentsIn()).toEqual(['one', 'two']);
    } finally {
      renameSync(`${vault}-away`, vault);
    }
  });

  it('need the entitlement to be made or deleted, and none to be restored', async () => {
    const lab = shared();
    const { backup_id } = await made(lab);
    const { entitlements } = lab.application.engine;
    entitlements.unregisterModule('backup');
    try {
      for (const [method, where] of [
        ['POST', backups],
        ['DELETE', `${backups}/${backup_id}`],
      ] as const) {
        const answer = await lab.ask({ method, path: where });
        expect(answer).toMatchObject({ status: 403, json: { kind: 'not-entitled', entitlement: 'backup' } });
      }
      const body = { backup_id, components: ['config'], confirm: true };
      expect((await lab.ask({ method: 'POST', path: `${backups}/restore`, body })).status).toBe(200);
      expect((await lab.ask({ path: backups })).status).toBe(200);
    } finally {
      entitlements.registerModule('backup');
    }
  });
});
