import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { writeNewFile } from '../recovery-kit/write-kit.ts';
import { operation } from '../operation.ts';
import { learnSecrets } from '../support/learn-secrets.ts';
import { supportFiles } from '../support/support-files.ts';

export type SupportBundle = Readonly<{ output: string; files: readonly string[] }>;

/** Writes what helps to find out what is wrong into a zip file (0600): versions, settings, state, history, logs; without secrets. */
export const supportBundle = operation(
  z.strictObject({ output: z.string().startsWith('/').max(4096) }),
  async (engine, { output }): Promise<SupportBundle> => {
    let files: readonly string[] = [];
    await writeNewFile(output, async () => {
      const bundle = await bundleOf(engine);
      files = bundle.files;
      return bundle.bytes;
    });
    return { output, files };
  },
);

/** The same bundle, for whoever saves it elsewhere. */
export const supportDownload = operation(
  z.strictObject({}),
  async (engine): Promise<Readonly<{ name: string; base64: string; files: readonly string[] }>> => {
    const { files, bytes } = await bundleOf(engine);
    const day = new Date(engine.now()).toISOString().slice(0, 10);
    return { name: `trinity-backup-support-${day}.zip`, base64: bytes.toString('base64'), files };
  },
);

async function bundleOf(engine: Engine): Promise<Readonly<{ files: readonly string[]; bytes: Buffer }>> {
  const { redactor } = engine.log;
  await learnSecrets(engine, redactor);
  const files = await supportFiles(engine);
  const bytes = await zipped([...files].map(([name, text]) => [name, redactor.redact(text)]));
  return { files: [...files.keys()], bytes };
}

async function zipped(files: readonly (readonly [string, string])[]): Promise<Buffer> {
  const { ZipArchive } = await import('archiver');
  const archive = new ZipArchive({ zlib: { level: 6 } });
  for (const [name, text] of files) archive.append(text, { name: `support/${name}`, mode: 0o600 });
  const [bytes] = await Promise.all([buffer(archive), archive.finalize()]);
  return bytes;
}
