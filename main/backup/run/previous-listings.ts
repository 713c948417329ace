import { messageOf } from '../../../shared/lib/app-error.ts';
import type { SourceKey } from '../../../shared/model/component.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { Listing } from '../../vault/listing/listing.ts';
import type { Vault } from '../../vault/vault.ts';

/** The newest good listing of each source of one install: what its next copy is compared with. */
export class PreviousListings {
  readonly #roots: ReadonlyMap<string, ListingRoot>;

  private constructor(roots: ReadonlyMap<string, ListingRoot>) {
    this.#roots = roots;
  }

  static async read(vault: Vault, installId: string): Promise<PreviousListings> {
    const roots = new Map<string, ListingRoot>();
    const { manifests } = await vault.listManifests();
    for (const { manifest, state } of manifests) {
      if (state !== 'live' || manifest.installId !== installId) continue;
      for (const source of manifest.sources) {
        const key = sourceText(source);
        if (source.state === 'complete' && source.listing !== undefined && !roots.has(key))
          roots.set(key, source.listing);
      }
    }
    return new PreviousListings(roots);
  }

  /** Undefined when there is none, or none that opens: then everything is read. */
  async open(
    source: SourceKey,
    openListing: (root: ListingRoot) => Promise<Listing>,
    note: (message: string) => void,
  ): Promise<Listing | undefined> {
    const root = this.#roots.get(sourceText(source));
    if (root === undefined) return undefined;
    try {
      return await openListing(root);
    } catch (error) {
      note(
        `The listing of the backup before cannot be opened (${messageOf(error)}), so everything was read again.`,
      );
      return undefined;
    }
  }
}
