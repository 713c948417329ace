import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { writeNewFile } from '../recovery-kit/write-kit.ts';
import { operation } from '../operation.ts';
import { learnSecrets } from '../support/learn-secrets.ts';
import { supportFiles } from '../support/support-files.ts';

export type SupportBundle = Readonly<{ output: string; files: readonly string[] }>;

/** Writes what helps to find out what is wrong into a zip file (0600): versions, settings, state, history, logs; without secrets. */
export const supportBundle = operation(
  z.strictObject({ output: z.string().startsWith('/').max(4096) }),
  async (engine, { output }): Promise<SupportBundle> => {
    const { redactor } = engine.log;
    let names: readonly string[] = [];
    await writeNewFile(output, async () => {
      await learnSecrets(engine, redactor);
      const files = await supportFiles(engine);
      names = [...files.keys()];
      return await zipped([...files].map(([name, text]) => [name, redactor.redact(text)]));
    });
    return { output, files: names };
  },
);

async function zipped(files: readonly (readonly [string, string])[]): Promise<Buffer> {
  const { ZipArchive } = await import('archiver');
  const archive = new ZipArchive({ zlib: { level: 6 } });
  for (const [name, text] of files) archive.append(text, { name: `support/${name}`, mode: 0o600 });
  const [bytes] = await Promise.all([buffer(archive), archive.finalize()]);
  return bytes;
}
