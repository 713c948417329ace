import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import type { InlineConfig } from 'vite';
import { projectFolder } from './entries.ts';
import { themeStyles } from './theme-styles.ts';

/** The pages, as the browser and the desktop window load them. */
export function rendererConfig(distFolder: string): InlineConfig {
  return {
    configFile: false,
    root: join(projectFolder, 'renderer'),
    logLevel: 'warn',
    plugins: [react(), themeStyles()],
    build: {
      target: 'es2024',
      outDir: join(distFolder, 'renderer'),
      emptyOutDir: true,
      // Their policy forbids what is written into the page itself.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  };
}
