import { AppError } from '../../../shared/lib/app-error.ts';
import { isInDatabaseHours } from '../../backup/scheduler/database-hours.ts';
import { databaseText, recentText, type SkipReason } from '../../backup/scheduler/skip-text.ts';
import type { Engine } from '../engine.ts';
import { isPaused, scheduleSettings } from './schedule-settings.ts';
import { runOperation } from '../operations/run-operation.ts';

const hourMs = 3_600_000;

type Shutdown = Readonly<{
  engine: Engine;
  /** Ends the backup whole when the time for it is over. */
  signal: AbortSignal;
  recordSkip: (reason: SkipReason, message: string) => Promise<void>;
}>;

/**
 * The backup at the end of the application: uncompressed, and only where schedules are on and the last good one is not of the last hour.
 * Never rejects: what became of it is in the history.
 */
export async function shutdownBackup({ engine, signal, recordSkip }: Shutdown): Promise<void> {
  const { settings } = await engine.settings.read();
  const nowMs = engine.now();
  const isWanted =
    settings.backup.onShutdown &&
    scheduleSettings(settings, engine.entitlements).isOn &&
    !isPaused(settings, nowMs);
  if (!isWanted || signal.aborted) return;
  const { lastSuccessMs } = (await engine.schedule()).state;
  // Both ways: the clock may have been set back.
  if (lastSuccessMs !== undefined && Math.abs(nowMs - lastSuccessMs) < hourMs) {
    await recordSkip('recent', recentText);
    return;
  }
  if (isInDatabaseHours(nowMs)) {
    await recordSkip('database', databaseText);
    return;
  }
  try {
    const input = { trigger: 'shutdown', compress: false } as const;
    await runOperation(engine, 'backup', input, { signal, onProgress: () => undefined });
  } catch (error) {
    // It is in the history, unless it did not come to a run at all.
    if (error instanceof AppError && error.kind === 'busy') await recordSkip('busy', error.message);
  }
}
