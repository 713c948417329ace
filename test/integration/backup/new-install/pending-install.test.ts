import { describe, expect, it } from 'vitest';
import { PendingInstallStore } from '../../../../main/backup/new-install/pending-install.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const pending = { backupId: '0123456789ab', folder: '/srv/trinity' };

async function storeWith(
  left?: Readonly<{ database: boolean; agents: string[] }>,
): Promise<PendingInstallStore> {
  const store = new PendingInstallStore(await tempFolder());
  await store.write(left === undefined ? pending : { ...pending, left });
  return store;
}

describe('PendingInstallStore.noteDatabase', () => {
  it('leaves the agents to be started, or nothing at all', async () => {
    const store = await storeWith({ database: true, agents: ['echo'] });
    for (let time = 1; time <= 2; time += 1) {
      await store.noteDatabase('/srv/trinity/');
      expect(await store.read()).toEqual({ ...pending, left: { database: false, agents: ['echo'] } });
    }
    const without = await storeWith({ database: true, agents: [] });
    await without.noteDatabase('/srv/trinity');
    expect(await without.read()).toBeUndefined();
  });

  it('remembers it of an install that is being built', async () => {
    const store = await storeWith();
    await store.noteDatabase('/srv/trinity');
    expect(await store.read()).toEqual({ ...pending, hasDatabase: true });
  });

  it('is not concerned with the database of another install', async () => {
    const store = await storeWith({ database: true, agents: [] });
    await store.noteDatabase('/srv/other');
    expect(await store.read()).toMatchObject({ left: { database: true } });
  });
});
