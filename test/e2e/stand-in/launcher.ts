/** What is started in place of Electron, beside the build: the application, with `electron` resolved to the stand-in. */
export const standInLauncher = 'desktop-on-stand-in.js';

export const launcherText = `
import { registerHooks } from 'node:module';
const standIn = { url: new URL('electron-stand-in.js', import.meta.url).href, shortCircuit: true };
registerHooks({ resolve: (name, context, next) => (name === 'electron' ? standIn : next(name, context)) });
await import('./desktop.js');
`;

/** Loaded by `--import` in every process and thread of the stand-in. */
export const asarEyes = 'asar-eyes.js';

/** What `original-fs` is resolved to. */
export const originalFsText = "module.exports = process[Symbol.for('trinity.original-fs')];\n";
