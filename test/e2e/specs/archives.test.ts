import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: true });

describe('files that Electron takes for folders', () => {
  it('are backed up, restored and compared as they lie there', async () => {
    const command = lab.command();
    const volume = path.join(command.volumes, 'agent-one-workspace/_data');
    mkdirSync(path.join(volume, 'folder.asar'));
    writeFileSync(path.join(volume, 'folder.asar/inside'), 'inside');
    writeFileSync(path.join(volume, 'app.asar'), randomBytes(5000));
    const before = snapshotTree(volume);
    const app = lab.start();
    const page = await app.window();
    await app.chooseInTray('Back up now', 'Everything');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Backed up just now; /u);
    const shown = await page.evaluate('trinity.call("backups.list", {})');
    const backupId = /"backupId":"([0-9a-f]{12})"/u.exec(JSON.stringify(shown))?.[1];
    rmSync(path.join(volume, 'app.asar'));
    rmSync(path.join(volume, 'folder.asar'), { recursive: true });
    const input = { backupId, agents: ['one'], destination: { way: 'in-place' }, safetyBackup: true };
    await page.evaluate(`trinity.call("restore.start", ${JSON.stringify(input)})`);
    await expect.poll(() => snapshotTree(volume)).toEqual(before);
  });
});
