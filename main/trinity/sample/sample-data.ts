import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { writeSampleDatabase } from './sample-database.ts';
import { giveToTrinity, makeFolder, writeBytes, writeText } from './sample-files.ts';
import { insertRow } from './sample-rows.ts';
import { sampleTime, type SampleSize } from './sample-plan.ts';
import type { SampleRandom } from './sample-random.ts';

export type SampleData = Readonly<{ folder: string; size: SampleSize; random: SampleRandom; keyHex: string }>;

/** Writes what backs `/data`: the database, Trinity's own copy of it, shared files, avatars, templates, skills, scratch. */
export function writeSampleData(data: SampleData): void {
  const { folder, random } = data;
  makeFolder(folder);
  const file = join(folder, 'trinity.db');
  writeSampleDatabase({ file, size: data.size, random, keyHex: data.keyHex });
  const sharedFiles = writeSharedFiles(folder, random);
  recordSharedFiles(file, random, sharedFiles);
  chmodSync(file, 0o644);
  makeFolder(join(folder, 'backups'), 0o700);
  copyFileSync(file, join(folder, 'backups/trinity-backup-20260928.db'));
  chmodSync(join(folder, 'backups/trinity-backup-20260928.db'), 0o600);
  for (const [name, bytes] of Object.entries({
    'echo.webp': 24_000,
    'echo_ref.png': 90_000,
    'writer.webp': 21_000,
  })) {
    writeBytes(join(folder, 'avatars', name), random.bytes(`avatar ${name}`, bytes));
  }
  writeText(join(folder, 'deployed-templates/pilot/template.yaml'), 'name: pilot\n');
  writeText(join(folder, 'skills-library/src_ab12cd34/.git/HEAD'), 'ref: refs/heads/main\n');
  writeText(join(folder, 'skills-library/src_ab12cd34/report/SKILL.md'), random.text('skill', 3000));
  writeBytes(join(folder, 'archives/platform-2026-09-27.json.gz'), gzipSync(random.text('archive', 20_000)));
  writeBytes(join(folder, 'agent-data-tmp/x.tar'), random.bytes('scratch', 100_000));
  writeText(join(folder, 'logs/platform.json'), '{"message":"started"}\n');
  giveToTrinity(folder);
}

type SharedFile = Readonly<{ stored: string; bytes: number }>;

function writeSharedFiles(folder: string, random: SampleRandom): readonly SharedFile[] {
  const sizes = [300_000, 4000, 0];
  return sizes.map((bytes, index) => {
    const stored = random.uuid(`shared file ${index}`);
    writeBytes(join(folder, 'agent-files', stored), random.bytes(stored, bytes));
    return { stored, bytes };
  });
}

function recordSharedFiles(file: string, random: SampleRandom, files: readonly SharedFile[]): void {
  const database = new Database(file);
  try {
    database.pragma('synchronous=OFF');
    for (const [index, { stored, bytes }] of files.entries()) {
      insertRow(database, 'agent_shared_files', {
        id: random.uuid(`shared row ${index}`),
        agent_name: 'research',
        filename: `report ${index}.pdf`,
        stored_filename: stored,
        size_bytes: bytes,
        mime_type: 'application/pdf',
        download_token: random.hex(`shared token ${index}`, 16),
        created_at: sampleTime(-1, index),
        expires_at: sampleTime(6, index),
      });
    }
  } finally {
    database.close();
  }
}
