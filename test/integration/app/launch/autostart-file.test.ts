import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { autostartFile, isAutostarted, setAutostart } from '../../../../main/app/launch/autostart-file.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('the autostart entry', () => {
  it('starts the application without a window, until it is taken away', async () => {
    const file = autostartFile({ XDG_CONFIG_HOME: await tempFolder() });
    expect(await isAutostarted(file)).toBe(false);
    await setAutostart(file, true, ['/opt/Trinity Backup/trinity-backup']);
    expect(await isAutostarted(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('Exec="/opt/Trinity Backup/trinity-backup" "--hidden"\n');
    await setAutostart(file, false, []);
    expect(existsSync(file)).toBe(false);
    await setAutostart(file, false, []);
  });

  it('quotes what a path may hold', async () => {
    const file = path.join(await tempFolder(), 'entry.desktop');
    await setAutostart(file, true, ['/a "b" $c `d` e\\f 100%']);
    expect(readFileSync(file, 'utf8')).toContain(
      String.raw`Exec="/a \\"b\\" \\$c \\` +
        '`d' +
        String.raw`\\` +
        '`' +
        String.raw` e\\\\f 100%%" "--hidden"`,
    );
  });

  it('is off where the settings of the desktop have switched it off', async () => {
    const file = path.join(await tempFolder(), 'entry.desktop');
    await setAutostart(file, true, ['/app']);
    appendFileSync(file, 'Hidden=true\n');
    expect(await isAutostarted(file)).toBe(false);
  });
});
