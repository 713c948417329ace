// Of one language, so that the engine and every page order alike.
const collator = new Intl.Collator('en', { numeric: true });

/** The order in which people look for names: `agent-2` before `agent-10`, `Notes` beside `notes`. */
export function compareNames(one: string, other: string): number {
  // Names that differ in leading zeros alone need an order too.
  return collator.compare(one, other) || (one < other ? -1 : Number(one > other));
}
