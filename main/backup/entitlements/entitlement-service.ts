import { AppError } from '../../../shared/lib/app-error.ts';
import type { EntitledFeature, ModuleId } from '../../../shared/model/entitlement.ts';

const needs: Readonly<Record<EntitledFeature, string>> = {
  schedule: 'Backups by a schedule need',
  retention: 'Letting go of backups by rules needs',
  'off-host': 'Writing to storage away from this host needs',
  drills: 'Rehearsing a restore needs',
  'rest-writes': 'Creating and deleting backups over REST needs',
};

const instead: Readonly<Record<EntitledFeature, string>> = {
  schedule: 'Back up by hand with backup.',
  retention: 'Delete single backups with delete.',
  'off-host': 'Back up to a folder; reading and restoring from there go on.',
  drills: 'Check the vault with verify; restoring goes on.',
  'rest-writes': 'Use the commands backup and delete.',
};

/**
 * Which modules this edition has, and the refusal where one is missing. Restoring, verifying, reading any storage and backing up by
 * hand to local storage ask nobody.
 */
export class EntitlementService {
  readonly #modules = new Set<string>();
  readonly #isOssOnly: boolean;

  /** `isOssOnly` denies whatever is registered. */
  constructor(options: Readonly<{ isOssOnly: boolean }> = { isOssOnly: false }) {
    this.#isOssOnly = options.isOssOnly;
  }

  /** Registering twice is no error. */
  registerModule(id: ModuleId): void {
    this.#modules.add(id);
  }

  /** Whether it was registered. */
  unregisterModule(id: ModuleId): boolean {
    return this.#modules.delete(id);
  }

  isEntitled(id: ModuleId): boolean {
    return !this.#isOssOnly && this.#modules.has(id);
  }

  listEntitledFeatures(): readonly string[] {
    return this.#isOssOnly ? [] : [...this.#modules].toSorted();
  }

  /** The guard of a door: throws `not-entitled`, with the entitlement's name in its details, where the module is missing. */
  requiresEntitlement(id: ModuleId): (feature: EntitledFeature) => void {
    return (feature) => this.require(id, feature);
  }

  /** The same at once. */
  require(id: ModuleId, feature: EntitledFeature): void {
    if (this.isEntitled(id)) return;
    throw new AppError(
      'not-entitled',
      `${needs[feature]} the entitlement "${id}", which this edition lacks. ${instead[feature]}`,
      { details: { entitlement: id, feature } },
    );
  }
}
