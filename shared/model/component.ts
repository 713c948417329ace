import { z } from 'zod';

/** A component's name: a registered handler may bring its own. */
export const componentName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** A volume's name becomes the name of a folder: whatever a vault says, it is never a path. */
export const volumeName = z
  .string()
  .max(255)
  .regex(/^(?!\.{1,2}$)[^/\0]*$/);

/**
 * One source: the unit of age, retention, proof and incremental parent. `volume` is the volume's name for `memory`, the
 * slug of the folder for `paths`, and the empty string for components that have one source only.
 */
const sourceKey = z.strictObject({ component: componentName, volume: volumeName });

export type SourceKey = Readonly<z.infer<typeof sourceKey>>;

/** The source as text, unique within an install: `memory/agent-echo-workspace`, `persistence`. */
export function sourceText(source: SourceKey): string {
  return source.volume === '' ? source.component : `${source.component}/${source.volume}`;
}
