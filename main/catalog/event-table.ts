import type Database from 'better-sqlite3';
import { z } from 'zod';
import { activityEvent, type ActivityEvent, type EventFilter } from '../../shared/model/history.ts';
import type { Page } from './run-table.ts';

export type NewEvent = Omit<ActivityEvent, 'id'>;

const keptEvents = 20_000;
const maxText = 4000;

export function insertEvent(database: Database.Database, event: NewEvent): ActivityEvent {
  const { lastInsertRowid } = database
    .prepare('INSERT INTO events (atMs, severity, code, words, runId) VALUES (?, ?, ?, ?, ?)')
    .run(
      Math.round(event.atMs),
      event.severity,
      event.code,
      event.words.slice(0, maxText),
      event.runId ?? null,
    );
  database.prepare('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?').run(keptEvents);
  return { ...event, id: Number(lastInsertRowid) };
}

/** The newest events that fit, newest first. */
export function selectEvents(
  database: Database.Database,
  { limit, before }: Page,
  { severity, runId }: EventFilter,
): readonly ActivityEvent[] {
  return database
    .prepare(
      `SELECT * FROM events
       WHERE (@before IS NULL OR id < @before) AND (@severity IS NULL OR severity = @severity)
         AND (@runId IS NULL OR runId = @runId)
       ORDER BY id DESC LIMIT @limit`,
    )
    .all({ limit, before: before ?? null, severity: severity ?? null, runId: runId ?? null })
    .flatMap(eventOf);
}

const row = z.looseObject({ runId: z.number().nullable() });

/** None for one that only a newer program understands. */
function eventOf(given: unknown): readonly ActivityEvent[] {
  const { runId, ...rest } = row.parse(given);
  const parsed = activityEvent.safeParse(runId === null ? rest : { ...rest, runId });
  return parsed.success ? [parsed.data] : [];
}
