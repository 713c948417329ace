import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { backupSettings, type HomeSettings, homeSettings } from '../../../shared/model/settings.ts';
import { settingProblem } from './setting-problem.ts';

const versionOnly = z.looseObject({ version: z.number().int() });

/** `problem`: one sentence on what is wrong with it. */
type ParsedSettings = Readonly<
  { kind: 'good'; settings: HomeSettings } | { kind: 'newer' } | { kind: 'unreadable'; problem: string }
>;

export function parseSettings(text: string): ParsedSettings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', problem: 'It is no valid JSON.' };
  }
  const version = versionOnly.safeParse(parsed);
  if (version.success && version.data.version > 1) return { kind: 'newer' };
  const settings = homeSettings.safeParse(parsed);
  return settings.success
    ? { kind: 'good', settings: settings.data }
    : { kind: 'unreadable', problem: problemOf(settings.error) };
}

/** Rejects with `usage` and what the first wrong setting takes. */
export function checkedSettings(settings: unknown): HomeSettings {
  const result = homeSettings.safeParse(settings);
  if (result.success) return result.data;
  throw new AppError('usage', problemOf(result.error));
}

export function defaultSettings(): HomeSettings {
  return homeSettings.parse({ version: 1 });
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) throw error;
  const [first, ...path] = issue.path;
  // Settings are known to people by their names within `backup`.
  return first === 'backup' && path.length > 0
    ? settingProblem(backupSettings, { ...issue, path })
    : settingProblem(homeSettings, issue);
}
