import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { manifestModel } from '../../../../main/headless/server/routes/models.ts';
import { sharedRestLab } from '../../../helpers/rest-lab.ts';

const shared = sharedRestLab({ isSetUp: true });
const backups = '/api/v1/admin/backups';

it('an agent comes back under another name over REST, and not under one that is taken', async () => {
  const lab = shared();
  const { json } = await lab.ask({ method: 'POST', path: backups });
  const asked = { backup_id: manifestModel.parse(json).backup_id, confirm: true, agent: 'one' };
  const restore = async (body: unknown) =>
    await lab.ask({ method: 'POST', path: `${backups}/restore`, body });
  expect((await restore(asked)).status).toBe(400);
  expect((await restore({ ...asked, as: 'Three' })).status).toBe(400);
  expect((await restore({ ...asked, as: 'two' })).status).toBe(422);
  const done = await restore({ ...asked, as: 'three' });
  expect(done).toMatchObject({
    status: 200,
    json: { restored_components: ['memory'], safety_backup_id: null, restart_required: false },
  });
  const notes = (agent: string): string =>
    readFileSync(path.join(lab.volumes, `agent-${agent}-workspace/_data/notes.txt`), 'utf8');
  expect(notes('three')).toBe(notes('one'));
});
