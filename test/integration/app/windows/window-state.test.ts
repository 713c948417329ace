import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWindowState, writeWindowState } from '../../../../main/app/windows/window-state.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('the window state', () => {
  it('is read as it was written, and is none where the file is not ours', async () => {
    const file = path.join(await tempFolder(), 'window.json');
    expect(await readWindowState(file)).toBeUndefined();
    const state = { bounds: { x: 1, y: 2, width: 1000, height: 700 }, isMaximized: true };
    await writeWindowState(file, state);
    expect(await readWindowState(file)).toEqual(state);
    for (const wrong of ['{', '{"bounds":{}}', '[]']) {
      writeFileSync(file, wrong);
      expect(await readWindowState(file)).toBeUndefined();
    }
  });
});
