import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../build/entries.ts';
import packageJson from '../../../package.json' with { type: 'json' };

/** What no source of the product may hold: each takes a wall of Electron away. */
const forbidden: readonly RegExp[] = [
  /nodeIntegration\w*: true/u,
  /contextIsolation: false/u,
  /sandbox: false|no-sandbox/u,
  /webSecurity: false|disable-web-security/u,
  /allowRunningInsecureContent: true|allow-running-insecure-content/u,
  /experimentalFeatures: true/u,
  /enableBlinkFeatures|enable-blink-features/u,
  /webviewTag: true|<webview|allowpopups/u,
  /openExternal\(/u,
  /loadFile\(|['"`]file:\/\/\//u,
  /remote-debugging|inspect-brk/u,
];

function sources(...folders: readonly string[]): readonly (readonly [name: string, text: string])[] {
  const names = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,html}`, { cwd: projectFolder }));
  return names.map((name) => [name, readFileSync(path.join(projectFolder, name), 'utf8')] as const);
}

function namesWith(pattern: RegExp, ...folders: readonly string[]): readonly string[] {
  return sources(...folders)
    .filter(([, text]) => pattern.test(text))
    .map(([name]) => name.replaceAll(path.sep, '/'));
}

describe('sources of the desktop application', () => {
  it('take no wall of Electron away', () => {
    const found = forbidden.map((pattern) => namesWith(pattern, 'main', 'renderer', 'shared'));
    expect(found.flat()).toEqual([]);
  });

  it('see Electron in its two folders alone, and its doors to pages in one file each', () => {
    const values = namesWith(/^import (?!type)[^;]* from 'electron';/mu, 'main', 'renderer', 'shared');
    expect(values.length).toBeGreaterThan(3);
    expect(values.filter((name) => !/^main\/(?:desktop|preload)\//u.test(name))).toEqual([]);
    expect(namesWith(/\bipcMain\b/u, 'main')).toHaveLength(1);
    expect(namesWith(/\bipcRenderer\b/u, 'main')).toEqual(['main/preload/preload.ts']);
  });

  it('grant no device to anybody', () => {
    expect(namesWith(/setDevicePermissionHandler\(\(\) => false\)/u, 'main')).toHaveLength(1);
  });

  it('are built for one version of Electron, named exactly', () => {
    expect(packageJson.devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/u);
  });
});
