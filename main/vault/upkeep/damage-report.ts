/** What is damaged, and which backups and sources (as `sourceText`) need it: none for what nobody needs. */
export type DamagedObject = Readonly<{
  object: string;
  reason: string;
  backups: readonly string[];
  sources: readonly string[];
}>;

/** `source` is undefined where a whole backup is concerned. */
export type Needing = Readonly<{ backupId: string; source?: string }>;

/** Collects damage by object: the first reason stands, backups and sources come together. */
export class DamageReport {
  readonly #objects = new Map<string, { reason: string; backups: Set<string>; sources: Set<string> }>();

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  add(object: string, reason: string, needing?: Needing): void {
    const known = this.#objects.get(object) ?? { reason, backups: new Set(), sources: new Set() };
    this.#objects.set(object, known);
    if (needing === undefined) return;
    known.backups.add(needing.backupId);
    if (needing.source !== undefined) known.sources.add(needing.source);
  }

  objects(): readonly DamagedObject[] {
    return [...this.#objects].map(([object, { reason, backups, sources }]) => ({
      object,
      reason,
      backups: [...backups].toSorted(),
      sources: [...sources].toSorted(),
    }));
  }
}
