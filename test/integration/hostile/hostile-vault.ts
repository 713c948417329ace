import { randomBytes } from 'node:crypto';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import type { OpenedWriter } from '../../../main/vault/opened-writer.ts';
import type { Entry, FileEntry } from '../../../main/vault/listing/entry.ts';
import { writeSealed } from '../../../main/vault/format/sealed-file.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import { buildListing } from '../../fakes/built-listing.ts';
import type { AddChunk, ContentChunk } from '../../fakes/built-listing.ts';
import { fileEntry, folderEntry } from '../../fakes/entries.ts';
import { storeChunks } from '../../helpers/test-vault.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';

export const evil = Buffer.from('evil');
/** CRC-32 of `evil`. */
const evilCrc = 0x8d_fb_31_52;

export type HostileSource = Readonly<{
  component: string;
  volume?: string;
  /** Without the root folder, which comes first. */
  entries: readonly Entry[];
  facts?: ManifestSource['facts'];
  /** Further chunks, which are numbered from 1. */
  content?: readonly Buffer[];
  /** And further ones that are in the vault, or are not. */
  chunks?: readonly ContentChunk[];
  listing?: Partial<ManifestSource['listing']>;
}>;

/** A file that holds `evil`; its chunk is number 0 of each listing. */
export function evilFile(path: string): FileEntry {
  return fileEntry(path, { extents: [{ chunk: 0, offset: 0, length: evil.length }], crc32: evilCrc });
}

/** Adds to the vault, through the product's own encoders, a backup that it would never make. */
export async function commitHostile(
  tiny: TinyInstall,
  sources: readonly HostileSource[],
  more: Partial<Manifest> = {},
): Promise<string> {
  const { backupId: good } = await createBackup(
    tiny.context,
    { trigger: 'manual', only: ['config'] },
    quietly,
  );
  const { manifest } = await tiny.vault.loadManifest(good);
  const [template] = manifest.sources;
  if (template === undefined) throw new Error('The template has a source.');
  const backupId = randomBytes(6).toString('hex');
  await using writer = await tiny.vault.openWriter('test');
  const made: ManifestSource[] = [];
  for (const source of sources) made.push(await hostileSource(writer, template, source));
  const { generation } = writer;
  await writer.chunks.flush();
  const bytes = Buffer.from(JSON.stringify({ ...manifest, ...more, backupId, generation, sources: made }));
  const object = { storage: tiny.vault.storage, keys: tiny.vault.objectKeys, type: 'manifest' } as const;
  // Not by its writer, which would refuse some.
  await writeSealed({ ...object, name: `backups/${backupId}` }, bytes);
  return backupId;
}

async function hostileSource(
  writer: OpenedWriter,
  template: ManifestSource,
  source: HostileSource,
): Promise<ManifestSource> {
  const chunks = chunkAdder(writer);
  const content: ContentChunk[] = [];
  for (const bytes of [evil, ...(source.content ?? [])]) {
    content.push({ id: await chunks.add(bytes), length: bytes.length });
  }
  content.push(...(source.chunks ?? []));
  const listing = await buildListing(chunks, [folderEntry(''), ...source.entries], content);
  const { component, volume = '', facts = {} } = source;
  return { ...template, component, volume, facts, listing: { ...listing, ...source.listing } };
}

function chunkAdder(writer: OpenedWriter): AddChunk {
  return {
    add: async (content) => {
      const [id] = (await storeChunks(writer, [content], { class: 'meta' })).ids;
      if (id === undefined) throw new Error('A chunk gets an id.');
      return id;
    },
  };
}
