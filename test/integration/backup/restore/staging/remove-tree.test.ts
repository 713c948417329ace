import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../../../helpers/temp-folder.ts';

const source = new URL('../../../../../main/backup/restore/staging/remove-tree.ts', import.meta.url).href;
/** Root may do what others may not. */
const asOwner = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

describe('removeTree', () => {
  it('removes folders that their owner may not write', async () => {
    const root = await tempFolder();
    const tree = path.join(root, 'tree');
    mkdirSync(path.join(tree, 'mod/deep'), { recursive: true });
    writeFileSync(path.join(tree, 'mod/deep/file'), 'read only');
    for (const folder of ['mod/deep', 'mod', '.']) chmodSync(path.join(tree, folder), 0o555);
    const place = `{ root: ${JSON.stringify(root)}, path: Buffer.from('tree') }`;
    const script = `const { removeTree } = await import('${source}'); await removeTree(${place});`;
    const [program, ...args] = [...asOwner, process.execPath, '--input-type=module', '--eval', script];
    await promisify(execFile)(program, args);
    expect(existsSync(tree)).toBe(false);
  });
});
