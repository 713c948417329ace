import type { HomeSettings } from '../../../shared/model/settings.ts';

/** Which settings differ: `install`, and the names within `backup`. */
export function changedNames(before: HomeSettings, after: HomeSettings): readonly string[] {
  const fields = (settings: HomeSettings): ReadonlyMap<string, string> =>
    new Map(
      Object.entries({ ...settings.backup, install: settings.install }).map(([name, value]) => [
        name,
        JSON.stringify(value) ?? '',
      ]),
    );
  const [old, now] = [fields(before), fields(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => (old.get(name) ?? '') !== (now.get(name) ?? ''),
  );
}
