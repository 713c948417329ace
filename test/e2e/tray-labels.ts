import { expect } from 'vitest';
import type { DesktopApp } from './desktop-app.ts';
import type { MenuItemFacts, TrayFacts } from './stand-in/messages.ts';

/** What can be read in the menu of the tray, one label for each item: `Pause › 1 hour`. */
export function labelsOf(tray: TrayFacts | null): readonly string[] {
  return labelsIn(tray?.menu ?? [], '');
}

function labelsIn(items: readonly MenuItemFacts[], before: string): readonly string[] {
  return items
    .filter(({ type }) => type !== 'separator')
    .flatMap(({ label, items: below }) => {
      const path = `${before}${label}`;
      return below.length === 0 ? [path] : labelsIn(below, `${path} › `);
    });
}

/** Resolves when the engine runs, and the tray says how all stands. */
export async function started(app: DesktopApp): Promise<void> {
  await expect.poll(async () => labelsOf(await app.tray())).toContain('Settings…');
}
