import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../../platform/atomic-file.ts';

const bounds = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
});

const windowState = z.strictObject({ bounds, isMaximized: z.boolean() });

export type Bounds = Readonly<z.infer<typeof bounds>>;
export type WindowState = Readonly<z.infer<typeof windowState>>;

export const defaultSize = { width: 1080, height: 740 } as const;
export const smallestSize = { width: 900, height: 600 } as const;
/** As much of a window has to be on a screen that its bar can be taken hold of. */
const graspable = { width: 200, height: 40 } as const;

/** Where the window was when it was last closed. A file that cannot be read is no more than a window in the middle. */
export async function readWindowState(file: string): Promise<WindowState | undefined> {
  try {
    return windowState.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    // Not there yet, or not ours: the default serves as well.
    return undefined;
  }
}

/** Remembers it for the next time; where that cannot be (the disk is full), the next window is one in the middle. */
export async function keepWindowState(file: string, state: WindowState): Promise<void> {
  try {
    await writeWindowState(file, state);
  } catch {
    // Not worth a word to whoever closes a window.
  }
}

export async function writeWindowState(file: string, state: WindowState): Promise<void> {
  await writeFileAtomic(file, [Buffer.from(`${JSON.stringify(state)}\n`)]);
}

/** What a window opens with: where it was, if a screen is there, at a size that pages are made for. */
export function openingBounds(
  saved: WindowState | undefined,
  screens: readonly Bounds[],
): Readonly<{ width: number; height: number }> | Bounds {
  if (saved === undefined) return defaultSize;
  const width = Math.max(smallestSize.width, saved.bounds.width);
  const height = Math.max(smallestSize.height, saved.bounds.height);
  const { x, y } = saved.bounds;
  const isSeen = screens.some((screen) => isGraspable({ x, y, width, height }, screen));
  return isSeen ? { x, y, width, height } : { width, height };
}

function isGraspable(window: Bounds, screen: Bounds): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const isBarSeen = window.y >= screen.y && window.y + graspable.height <= screen.y + screen.height;
  return across >= graspable.width && isBarSeen;
}
