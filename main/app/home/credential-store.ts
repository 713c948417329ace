import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { open, seal } from '../../vault/format/aead.ts';
import { Turns } from '../../vault/index/turns.ts';
import { ensureDeviceKey, readDeviceKey } from './device-key.ts';
import type { Home } from './home.ts';

const credentialFile = z.strictObject({
  format: z.literal(1),
  sealed: z.record(z.string().min(1).max(4096), z.base64().max(65_536)),
});

type Sealed = Readonly<Record<string, string>>;

/**
 * Credentials of other services (storages, mail) by name, each sealed under the device key of the home: a copy of the file alone, or
 * of the settings, tells nobody anything. A home has one store, since changes are put in order here.
 */
export class CredentialStore {
  readonly #home: Pick<Home, 'credentialsFile' | 'deviceKeyFile' | 'keychain'>;
  readonly #onSecret: (secret: string) => void;
  readonly #turns = new Turns();

  /** `onSecret` is told each secret that is used, so that no log ever shows it. */
  constructor(
    home: Pick<Home, 'credentialsFile' | 'deviceKeyFile' | 'keychain'>,
    onSecret: (secret: string) => void = () => undefined,
  ) {
    this.#home = home;
    this.#onSecret = onSecret;
  }

  /** Undefined where none is kept under this name; `no-key` when it does not open with the device key of now. */
  async read(name: string): Promise<string | undefined> {
    const sealed = (await this.#sealed())[name];
    if (sealed === undefined) return undefined;
    const deviceKey = await readDeviceKey(this.#home);
    const opened = deviceKey && open(sealingKey(deviceKey), Buffer.from(name), Buffer.from(sealed, 'base64'));
    if (opened !== undefined) {
      const secret = opened.toString('utf8');
      this.#onSecret(secret);
      return secret;
    }
    throw new AppError(
      'no-key',
      `The credentials kept for ${name} do not open with the device key of this home: give them again.`,
    );
  }

  /** Keeps them in place of what was kept under this name. */
  async keep(name: string, secret: string): Promise<void> {
    this.#onSecret(secret);
    await this.#change(async (before) => {
      const key = sealingKey(await ensureDeviceKey(this.#home));
      const sealed = seal(key, Buffer.from(name), Buffer.from(secret, 'utf8'));
      return { ...before, [name]: sealed.toString('base64') };
    });
  }

  async forget(name: string): Promise<void> {
    await this.#change(async (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => key !== name)),
    );
  }

  /** Of every name that is kept. */
  async names(): Promise<readonly string[]> {
    return Object.keys(await this.#sealed());
  }

  async #change(apply: (before: Sealed) => Promise<Sealed>): Promise<void> {
    await this.#turns.take(async () => {
      const file = { format: 1, sealed: await apply(await this.#sealed()) };
      await writeFileAtomic(this.#home.credentialsFile, [
        Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`),
      ]);
    });
  }

  /** Nothing that is unreadable is written over: other names may be in it. */
  async #sealed(): Promise<Sealed> {
    const file = this.#home.credentialsFile;
    try {
      return credentialFile.parse(JSON.parse(await readFile(file, 'utf8'))).sealed;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return {};
      const message = `The credentials in ${file} cannot be read: remove the file, and give them again.`;
      throw new AppError('failed', message, { cause: error });
    }
  }
}

function sealingKey(deviceKey: Buffer): Buffer {
  return createHmac('sha256', deviceKey).update('trinity-backup credentials').digest();
}
