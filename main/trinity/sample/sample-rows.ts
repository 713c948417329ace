import type { Database } from 'better-sqlite3';
import { auditHash, sampleTime } from './sample-plan.ts';
import type { SampleRandom } from './sample-random.ts';

export type Cell = string | number | null;

/** Inserts one row; names come from this program only. */
export function insertRow(database: Database, table: string, row: Readonly<Record<string, Cell>>): void {
  const names = Object.keys(row);
  const places = names.map(() => '?').join(', ');
  database
    .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`)
    .run(...Object.values(row));
}

export type SampleActivity = Readonly<{
  day: number;
  executions: number;
  messages: number;
  auditEntries: number;
}>;

const busyAgents = ['echo', 'research', 'writer', 'reader'] as const;
const statuses = ['success', 'success', 'success', 'failed', 'skipped'] as const;

/** What the agents do in one day: executions, chat and the audit entries of both. */
export function insertActivity(database: Database, random: SampleRandom, activity: SampleActivity): void {
  insertExecutions(database, random, activity);
  insertMessages(database, random, activity);
  insertAudit(database, random, activity);
}

function pick<Item>(items: readonly [Item, ...Item[]], index: number): Item {
  return items[index % items.length] ?? items[0];
}

function insertExecutions(
  database: Database,
  random: SampleRandom,
  { day, executions }: SampleActivity,
): void {
  const insert = database.prepare(
    'INSERT INTO schedule_executions (id, schedule_id, agent_name, status, started_at, completed_at, duration_ms, message, ' +
      'response, triggered_by, execution_log) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (let index = 0; index < executions; index += 1) {
    const label = `execution ${day} ${index}`;
    const agent = pick(busyAgents, index);
    const started = (index * 1440) / Math.max(executions, 1);
    insert.run(
      random.uuid(label),
      `schedule-${agent}`,
      agent,
      pick(statuses, random.integer(label, 997)),
      sampleTime(day, started),
      sampleTime(day, started + 2),
      random.integer(`${label} ms`, 120_000),
      'Write the report of the day.',
      random.text(`${label} response`, 300),
      index % 5 === 0 ? 'manual' : 'schedule',
      random.text(`${label} log`, 500 + random.integer(`${label} log`, 2500)),
    );
  }
}

function insertMessages(database: Database, random: SampleRandom, { day, messages }: SampleActivity): void {
  if (messages === 0) return;
  const session = random.uuid(`chat session ${day}`);
  const agent = pick(busyAgents, Math.abs(day));
  insertRow(database, 'chat_sessions', {
    id: session,
    agent_name: agent,
    user_id: 1,
    user_email: 'operator@example.com',
    started_at: sampleTime(day, 0),
    last_message_at: sampleTime(day, messages),
    message_count: messages,
    cached_claude_session_id: random.uuid(`claude session ${agent}`),
  });
  const insert = database.prepare(
    'INSERT INTO chat_messages (id, session_id, agent_name, user_id, role, content, timestamp, cost) VALUES (?, ?, ?, 1, ?, ?, ?, ?)',
  );
  for (let index = 0; index < messages; index += 1) {
    const label = `message ${day} ${index}`;
    const content = random.text(label, 60 + random.integer(`${label} length`, 600));
    const role = index % 2 === 0 ? 'user' : 'assistant';
    insert.run(
      random.uuid(`${label} id`),
      session,
      agent,
      role,
      content,
      sampleTime(day, index),
      index / 1000,
    );
  }
}

function insertAudit(database: Database, random: SampleRandom, { day, auditEntries }: SampleActivity): void {
  const last = database.prepare('SELECT entry_hash FROM audit_log ORDER BY id DESC LIMIT 1').pluck();
  const insert = database.prepare(
    'INSERT INTO audit_log (event_id, event_type, event_action, actor_type, actor_id, target_type, target_id, timestamp, details, ' +
      "source, previous_hash, entry_hash, created_at) VALUES (?, 'agent_lifecycle', ?, 'user', '1', 'agent', ?, ?, ?, 'api', ?, ?, ?)",
  );
  const newest: unknown = last.get();
  let previous = typeof newest === 'string' ? newest : '';
  for (let index = 0; index < auditEntries; index += 1) {
    const id = random.uuid(`audit ${day} ${index}`);
    const time = sampleTime(day, index);
    const details = JSON.stringify({ note: random.text(`audit ${day} ${index}`, 80) });
    const hash = auditHash(previous, id + time + details);
    insert.run(
      id,
      index % 2 === 0 ? 'start' : 'stop',
      pick(busyAgents, index),
      time,
      details,
      previous,
      hash,
      time,
    );
    previous = hash;
  }
}
