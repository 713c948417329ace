import type { S3Credentials } from '../../../shared/model/s3-credentials.ts';
import type { TransferSettings } from '../../../shared/model/settings.ts';
import type { Location } from '../../storage/location.ts';
import { createStorage, openStorage } from '../../storage/open-storage.ts';
import type { OpenStorageOptions } from '../../storage/open-storage.ts';
import { credentialsIn, credentialsOfText, credentialsText } from '../../storage/s3/s3-credentials.ts';
import { s3PlaceText } from '../../storage/s3/s3-place.ts';
import { TransferLimits } from '../../storage/transfer-limits.ts';
import type { Storage } from '../../storage/storage.ts';
import type { CredentialStore } from './credential-store.ts';

type Options = Omit<OpenStorageOptions, 'limits'>;

/**
 * Opens storages as this home may: with the credentials given now, else those it holds or keeps for the place, else those of the environment;
 * and all that do not lie on this machine within the same limits of the line.
 */
export class HomeStorages {
  readonly #credentials: CredentialStore;
  readonly #onSecret: (secret: string) => void;
  readonly #limits = new TransferLimits();
  readonly #held = new Map<string, S3Credentials>();
  readonly #environment: NodeJS.ProcessEnv;

  /** `onSecret` is told each secret that is used, so that no log ever shows it. */
  constructor(
    credentials: CredentialStore,
    onSecret: (secret: string) => void = () => undefined,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.#credentials = credentials;
    this.#onSecret = onSecret;
    this.#environment = environment;
  }

  /** The storage of an existing vault. */
  async open(location: Location, options: Options = {}): Promise<Storage> {
    return await openStorage(location, await this.#with(location, options));
  }

  /** The storage of a new vault. */
  async create(location: Location, options: Options = {}): Promise<Storage> {
    return await createStorage(location, await this.#with(location, options));
  }

  async credentialsFor(location: Location, given?: S3Credentials): Promise<S3Credentials | undefined> {
    if (location.kind === 'folder') return undefined;
    const found = given ?? (await this.#known(nameOf(location))) ?? credentialsIn(this.#environment);
    for (const secret of [found?.secretAccessKey, found?.sessionToken]) {
      if (secret !== undefined) this.#onSecret(secret);
    }
    return found;
  }

  /** Keeps credentials for this place, sealed; where none are given what is kept stays. */
  async keep(location: Location, credentials: S3Credentials | undefined): Promise<void> {
    if (location.kind === 'folder' || credentials === undefined) return;
    await this.#credentials.keep(nameOf(location), credentialsText(credentials));
    this.#held.delete(nameOf(location));
  }

  /** The same until this process ends, where nothing can be sealed. */
  hold(location: Location, credentials: S3Credentials | undefined): void {
    if (location.kind === 'folder' || credentials === undefined) return;
    this.#held.set(nameOf(location), credentials);
  }

  /** Holds for what is on its way, too. */
  useLine({ uploadKilobytesPerSecond, downloadKilobytesPerSecond, parallel }: TransferSettings): void {
    this.#limits.set({
      uploadBytesPerSecond: bytesOf(uploadKilobytesPerSecond),
      downloadBytesPerSecond: bytesOf(downloadKilobytesPerSecond),
      parallel,
    });
  }

  async #known(name: string): Promise<S3Credentials | undefined> {
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    const kept = await this.#credentials.read(name);
    return kept === undefined ? undefined : credentialsOfText(kept);
  }

  async #with(location: Location, options: Options): Promise<OpenStorageOptions> {
    const credentials = await this.credentialsFor(location, options.credentials);
    return { ...options, credentials, limits: this.#limits };
  }
}

function nameOf({ place }: Extract<Location, { kind: 's3' }>): string {
  return s3PlaceText(place);
}

function bytesOf(kilobytes: number | undefined): number | undefined {
  return kilobytes === undefined ? undefined : kilobytes * 1000;
}
