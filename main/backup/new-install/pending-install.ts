import path from 'node:path';
import { z } from 'zod';
import { backupId } from '../../../shared/model/backup-id.ts';
import { readIfThere, removeFileAtomic, writeFileAtomic } from '../../platform/atomic-file.ts';

const pendingModel = z.strictObject({
  format: z.literal(1),
  backupId,
  /** The copy of the vault that it was read from. */
  from: z.string().max(64).optional(),
  folder: z.string().startsWith('/').max(4096),
  volumesRoot: z.string().max(4096).optional(),
  dockerHost: z.string().max(4096).optional(),
  startQuietly: z.boolean().optional(),
  /** Its database came back while it was being built. */
  hasDatabase: z.boolean().optional(),
  /** What is left; undefined while it is being built. */
  left: z.strictObject({ database: z.boolean(), agents: z.array(z.string().max(255)) }).optional(),
});

export type PendingInstall = Readonly<Omit<z.infer<typeof pendingModel>, 'format'>>;

/** What a new install of this home needs yet, for `finish` and the state. A file that cannot be read counts as none. */
export class PendingInstallStore {
  readonly #file: string;

  constructor(home: string) {
    this.#file = path.join(home, 'new-install.json');
  }

  async read(): Promise<PendingInstall | undefined> {
    const bytes = await readIfThere(this.#file);
    const parsed = pendingModel.safeParse(bytes && jsonOf(bytes.toString()));
    if (!parsed.success) return undefined;
    const { format: _format, ...pending } = parsed.data;
    return pending;
  }

  /** Undefined: nothing is left. */
  async write(pending: PendingInstall | undefined): Promise<void> {
    if (pending === undefined) await removeFileAtomic(this.#file);
    else await writeFileAtomic(this.#file, [Buffer.from(`${JSON.stringify({ format: 1, ...pending })}\n`)]);
  }

  /** A database came back into this checkout: whatever it holds, it waits for nothing any more. As often as it is called. */
  async noteDatabase(folder: string): Promise<void> {
    const pending = await this.read();
    if (pending === undefined || path.resolve(pending.folder) !== path.resolve(folder)) return;
    const { left } = pending;
    if (left === undefined) await this.write({ ...pending, hasDatabase: true });
    else if (left.agents.length === 0) await this.write(undefined);
    else await this.write({ ...pending, left: { ...left, database: false } });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours: then nothing is known to be left.
    return undefined;
  }
}
