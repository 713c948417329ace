import path from 'node:path';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { QuietStart } from '../../../shared/model/quiet-start.ts';
import { changeRows, databasePlace } from '../../components/live-database.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { RunOptions, ServiceContext } from '../services.ts';
import { keepQuietStart, readQuietStart } from './quiet-start-file.ts';

export type EndedQuietStart = Readonly<{
  /** The backup whose restore had turned them off; null: nothing was off any more. */
  backupId: string | null;
  /** How many were turned on now; those that are gone, or were on already, do not count. */
  schedules: number;
  runs: number;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

const scheduler = 'trinity-scheduler';
const restartGraceSeconds = 10;
const restartLimitMs = 120_000;

/** Turns on what a quiet start had found on, and no more; as often as it is called. */
export async function endQuietStart(context: ServiceContext, options: RunOptions): Promise<EndedQuietStart> {
  const record = await readQuietStart(context.home);
  if (record === undefined) return { backupId: null, schedules: 0, runs: 0, warnings: [], notes: [] };
  const install = await context.readInstall();
  requireSameInstall(record, [context.installSettings.folder, install.folder]);
  const counts = await turnOn(install, record, options.signal);
  const warnings = await restartScheduler(install);
  await keepQuietStart(context.home, null);
  const notes = record.isForeign ? [twiceNote] : [];
  return { backupId: record.backupId, ...counts, warnings, notes };
}

const twiceNote: Finding = {
  code: 'other-host',
  message:
    'The data came from another machine. If Trinity still runs there, stop it now: every schedule would run twice.',
};

function requireSameInstall({ folder }: QuietStart, folders: readonly string[]): void {
  if (folders.some((own) => path.resolve(own) === path.resolve(folder))) return;
  const message = `Schedules are off in the install in ${folder}, which is not the one of this home. Name it with trinity-backup install --path ${folder}, then try again.`;
  throw new AppError('refused', message);
}

/** What is turned on, in the two dialects; the ids are those of `record`, compared as the column keeps them, text or number. */
const kinds = [
  {
    name: 'schedules',
    sqlite: 'UPDATE main.agent_schedules SET enabled = 1 WHERE enabled = 0',
    postgres: "UPDATE public.agent_schedules SET enabled = '1' WHERE enabled::text IN ('0', 'false')",
  },
  {
    name: 'runs',
    sqlite: "UPDATE main.schedule_executions SET status = 'queued' WHERE status = 'cancelled'",
    postgres: "UPDATE public.schedule_executions SET status = 'queued' WHERE status = 'cancelled'",
  },
] as const;

async function turnOn(
  install: TrinityInstall,
  { schedules, runs }: QuietStart,
  signal: AbortSignal,
): Promise<Pick<EndedQuietStart, 'schedules' | 'runs'>> {
  const ids = { schedules: schedules.map(({ id }) => id), runs };
  const wanted = kinds.filter(({ name }) => ids[name].length > 0);
  const changes = wanted.map(({ name, sqlite, postgres }) => ({
    sqlite: `${sqlite} AND id IN (SELECT value FROM json_each(?))`,
    postgres: `${postgres} AND id::text IN (SELECT jsonb_array_elements_text(?::jsonb))`,
    text: JSON.stringify(ids[name]),
  }));
  const changed = await changeRows(databasePlace(install), changes, signal);
  const countOfKind = (name: (typeof kinds)[number]['name']): number =>
    changed[wanted.findIndex((one) => one.name === name)] ?? 0;
  return { schedules: countOfKind('schedules'), runs: countOfKind('runs') };
}

/** It reads its schedules when it starts. One that does not run needs nothing. Never rejects: they are on by then. */
async function restartScheduler({ engine: place }: TrinityInstall): Promise<readonly Finding[]> {
  if (place === undefined) return [];
  const signal = AbortSignal.timeout(restartLimitMs);
  try {
    const engine = await openDockerEngine(place.host);
    const container = await engine.inspectContainer(scheduler, signal);
    if (container?.state === 'running') await engine.restart(container.id, restartGraceSeconds, signal);
    return [];
  } catch (error) {
    const message = `Everything is on again, but Trinity's scheduler has not been started anew: ${messageOf(error)} Run docker restart ${scheduler}.`;
    return [{ code: 'scheduler-not-restarted', message, component: 'persistence' }];
  }
}
