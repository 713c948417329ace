import { AppError } from '../../../shared/lib/app-error.ts';
import { helperCommand } from './helper-program.ts';
import { realPlace } from './real-place.ts';
import { VolumeHelpers } from './volume-helpers.ts';

export type ClosedFile = Readonly<{
  /** The engine whose containers can read it. */
  host: string;
  folder: string;
  name: string;
  maxBytes: number;
  signal: AbortSignal;
}>;

const missingCode = 11;

/** A small file of a folder that this user may not read, also where it is a link elsewhere; undefined when it is not there. */
export async function fetchFile(file: ClosedFile): Promise<Buffer | undefined> {
  const { host, folder, name, maxBytes, signal } = file;
  const place = await realPlace(folder, name);
  if (place === undefined) return undefined;
  await using helpers = new VolumeHelpers({ host });
  const source = { kind: 'bind', source: place.folder, containers: [] } as const;
  await using access = await helpers.open(source, signal);
  const command = helperCommand('file', '/tree', place.file, String(maxBytes));
  await using process = await access.start(command, signal);
  process.stdin.end();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdout) {
    const buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    bytes += buffer.length;
    if (bytes <= maxBytes) parts.push(buffer);
  }
  const code = await process.exitCode();
  if (code === 0 && bytes <= maxBytes) return Buffer.concat(parts);
  if (code === missingCode) return undefined;
  const why = process.stderrText().trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  throw new AppError(
    'failed',
    `A helper container could not read ${folder}/${name} (${why}). Look at that file.`,
  );
}
