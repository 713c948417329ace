import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { quietStart, type QuietStart } from '../../../shared/model/quiet-start.ts';
import { removeFileAtomic, writeFileAtomic } from '../../platform/atomic-file.ts';

function fileIn(home: string): string {
  return path.join(home, 'quiet-start.json');
}

/** What the last restore of a database turned off and nobody has turned on since. A file that cannot be read counts as none. */
export async function readQuietStart(home: string): Promise<QuietStart | undefined> {
  try {
    return quietStart.safeParse(JSON.parse(await readFile(fileIn(home), 'utf8'))).data;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Null: nothing is off any more. Durable when it resolves. */
export async function keepQuietStart(home: string, record: QuietStart | null): Promise<void> {
  if (record === null) await removeFileAtomic(fileIn(home));
  else await writeFileAtomic(fileIn(home), [Buffer.from(`${JSON.stringify(record)}\n`)]);
}
