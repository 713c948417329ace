import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeFolder, writeBytes, writeText } from './sample-files.ts';
import { sampleCounts, sampleTime, type SampleSize } from './sample-plan.ts';
import { sealSample, type SampleRandom } from './sample-random.ts';

export type SampleWorkspace = Readonly<{
  folder: string;
  agent: string;
  size: SampleSize;
  random: SampleRandom;
  keyHex: string;
}>;

/** What every agent has in its home: instructions, settings, credentials, transcripts, memory. */
export function writeHome(workspace: SampleWorkspace): void {
  const { folder, agent, random, keyHex } = workspace;
  const text = (path: string, content: string, mode = 0o644): void =>
    writeText(join(folder, path), content, mode);
  text('CLAUDE.md', readmeOf(workspace));
  text(
    'template.yaml',
    `name: ${agent}\ndata_paths:\n  - data/**\npersistent_state:\n  - workspace/**\n  - .trinity/**\n`,
  );
  text('.env', `API_TOKEN=${random.hex(`${agent} api token`, 16)}\n`, 0o600);
  text(
    '.mcp.json',
    JSON.stringify({ mcpServers: { trinity: { url: 'http://mcp-server:8080' } } }, null, 2),
    0o600,
  );
  const credentials = JSON.stringify({ '.env': `API_TOKEN=${random.hex(`${agent} api token`, 16)}\n` });
  text('.credentials.enc', sealSample(keyHex, random.bytes(`${agent} nonce`, 12), credentials), 0o600);
  text('.claude.json', JSON.stringify({ userID: random.hex(`${agent} user`, 32), numStartups: 12 }));
  text('.claude/.credentials.json', JSON.stringify({ token: random.hex(`${agent} session`, 24) }), 0o600);
  text('.claude/skills/report/SKILL.md', random.text(`${agent} skill`, 1500));
  text('.trinity/persistent-state.yaml', 'persistent_state:\n  - workspace/**\n');
  text('.trinity/data-paths.yaml', 'data_paths:\n  - data/**\n');
  text('.trinity/operator-queue.json', JSON.stringify({ $schema: 'operator-queue-v1', requests: [] }));
  text('.trinity-initialized', '');
  text('workspace/notes.md', random.text(`${agent} notes`, 4000));
  text(
    `.claude/projects/-home-developer/${random.uuid(`claude session ${agent}`)}.jsonl`,
    transcript(random, agent, 0, 60),
  );
  makeFolder(join(folder, '.ssh'), 0o700);
  text(
    '.ssh/id_ed25519',
    `-----BEGIN SAMPLE KEY-----\n${random.hex(`${agent} ssh`, 64)}\n-----END SAMPLE KEY-----\n`,
    0o600,
  );
  for (const name of ['public', 'shared-in', 'shared-out', 'content']) makeFolder(join(folder, name));
}

export function readmeOf({ agent, random }: Pick<SampleWorkspace, 'agent' | 'random'>): string {
  return `# ${agent}\n\n${random.text(`${agent} readme`, 2000)}`;
}

/** Lines of a session's transcript, as an agent appends them. */
export function transcript(random: SampleRandom, agent: string, day: number, lines: number): string {
  const parts: string[] = [];
  for (let line = 0; line < lines; line += 1) {
    const label = `${agent} line ${day} ${line}`;
    const message = { role: line % 2 === 0 ? 'user' : 'assistant', content: random.text(label, 400) };
    parts.push(
      `${JSON.stringify({ uuid: random.uuid(label), timestamp: sampleTime(day, line), message })}\n`,
    );
  }
  return parts.join('');
}

/** Everything that an agent makes again by itself; a backup leaves it out. */
export function writeRebuildable({ folder, random }: SampleWorkspace): void {
  const paths: Readonly<Record<string, number>> = {
    '.cache/pip/wheels/a1/b2.whl': 600_000,
    '.npm/_cacache/content-v2/sha512/aa/bb': 400_000,
    '.tmp/build-3141/object.o': 200_000,
    '.trinity-clone-tmp/pack': 50_000,
    '.claude/statsig/cache.json': 4000,
    '.claude/debug/latest.txt': 4000,
    '.claude/shell-snapshots/snapshot.sh': 2000,
    '.claude/todos/list.json': 500,
    '.claude/sessions/1.json': 200,
    'workspace/tool/__pycache__/tool.cpython-312.pyc': 8000,
    'workspace/site/node_modules/.cache/bundle.bin': 300_000,
  };
  for (const [path, bytes] of Object.entries(paths))
    writeBytes(join(folder, path), random.bytes(`rebuildable ${path}`, bytes));
  writeText(
    join(folder, 'workspace/site/node_modules/left-pad/index.js'),
    'module.exports = (text) => text;\n',
  );
  writeText(join(folder, 'workspace/tool/tool.py'), 'print("kept")\n');
  writeText(join(folder, '.local/lib/python3.12/site-packages/kept.py'), 'value = 1\n');
}

/** Large media, and text in pieces. */
export function writeContent({ folder, size, random }: SampleWorkspace): void {
  const { contentFiles, contentBytes } = sampleCounts[size];
  for (let index = 0; index < contentFiles; index += 1) {
    writeBytes(join(folder, 'content', `video-${index}.mp4`), random.bytes(`video ${index}`, contentBytes));
  }
  writeText(join(folder, 'content/book.txt'), random.text('book', contentBytes));
}

/** Many small files, a few hundred in each folder. */
export function writeNotes({ folder, size, random }: SampleWorkspace): void {
  for (let index = 0; index < sampleCounts[size].notes; index += 1) {
    const path = join(folder, 'workspace/notes', `shelf-${Math.floor(index / 250)}`, `note-${index}.md`);
    writeText(path, random.text(`note ${index}`, 200 + random.integer(`note ${index} length`, 7000)));
  }
}

/**
 * A database of the agent's own that is in use: its newest rows stand in the write-ahead log only. (The log's salts are SQLite's:
 * its bytes are not the same in two samples, what it says is.)
 */
export function writeAgentDatabase({ folder, random }: SampleWorkspace): void {
  const file = join(folder, 'data/app.db');
  makeFolder(join(folder, 'data'));
  const suffixes = ['', '-wal', '-shm'];
  const database = new Database(file);
  try {
    database.pragma('journal_mode=WAL');
    database.pragma('synchronous=OFF');
    database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    insertNotes(database, random, 0, 400);
    database.pragma('wal_checkpoint(TRUNCATE)');
    insertNotes(database, random, 400, 50);
    for (const suffix of suffixes) copyFileSync(file + suffix, `${file}.open${suffix}`);
  } finally {
    // Closing works the log in and removes it; the copies are what a running agent has.
    database.close();
  }
  for (const suffix of suffixes) {
    rmSync(file + suffix, { force: true });
    renameSync(`${file}.open${suffix}`, file + suffix);
  }
}

export function insertNotes(
  database: Database.Database,
  random: SampleRandom,
  first: number,
  count: number,
): void {
  const insert = database.prepare('INSERT INTO notes (id, body) VALUES (?, ?)');
  database.transaction(() => {
    for (let id = first; id < first + count; id += 1)
      insert.run(id, random.text(`app note ${id}`, 300 + (id % 7) * 100));
  })();
}
