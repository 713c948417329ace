import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { ComponentHandler } from '../../../main/components/component-handler.ts';
import { ComponentRegistry, builtInRegistry } from '../../../main/components/registry.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../helpers/tiny-install.ts';

/** A component that the product does not know: a folder beside the platform data. */
const extras: ComponentHandler = {
  component: 'extras',
  backup: async (context) => [
    await context.capture({
      volume: '',
      agents: [],
      root: extrasOf(context.install.folder),
      exclude: ['/scratch/'],
      facts: { made: 'here' },
    }),
  ],
  validateSource: async (source, folder) => {
    expect(source.facts['made']).toBe('here');
    return (await readFile(path.join(folder, 'a.txt'), 'utf8')) === 'broken' ? ['a.txt is broken'] : [];
  },
  restore: async (sources, context) => {
    const swaps = [];
    for (const source of sources) {
      swaps.push(
        ...(await context.stageTree(source, { live: extrasOf(context.install.folder), way: 'beside' })),
      );
    }
    return swaps;
  },
};

const extrasOf = (folder: string): string => path.join(folder, 'extras');

async function withExtras(text: string) {
  const tiny = await tinyInstall({ registry: builtInRegistry().with(extras) });
  const folder = extrasOf(tiny.folder);
  await mkdir(path.join(folder, 'scratch'), { recursive: true });
  await writeFile(path.join(folder, 'a.txt'), text);
  const made = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
  expect(made).toMatchObject({
    incomplete: false,
    components: ['persistence', 'config', 'files', 'memory', 'extras'],
  });
  return { tiny, folder, backupId: made.backupId };
}

describe('ComponentRegistry', () => {
  it('lets a handler that the product does not know round-trip in place, elsewhere and in a new install', async () => {
    const { tiny, folder, backupId } = await withExtras('first');
    await writeFile(path.join(folder, 'a.txt'), 'second');
    await writeFile(path.join(folder, 'scratch/kept'), 'in no backup');
    const restored = await restoreBackup(tiny.context, inPlace(backupId, { only: ['extras'] }), quietly);
    expect(restored).toMatchObject({ restored: ['extras'], safetyBackupId: expect.any(String) });
    expect(await readFile(path.join(folder, 'a.txt'), 'utf8')).toBe('first');
    expect(await readdir(path.join(folder, 'scratch'))).toEqual(['kept']);
    const to = path.join(tiny.base, 'out');
    await restoreBackup(
      tiny.context,
      { ...inPlace(backupId), destination: { way: 'to', folder: to } },
      quietly,
    );
    expect(await readFile(path.join(to, 'extras/a.txt'), 'utf8')).toBe('first');
    const fresh = path.join(tiny.base, 'new');
    await restoreBackup(
      tiny.context,
      { ...inPlace(backupId), destination: { way: 'new-install', folder: fresh } },
      quietly,
    );
    expect(await readFile(path.join(fresh, 'extras/a.txt'), 'utf8')).toBe('first');
  });

  it('lets the handler refuse what it staged, before anything changes', async () => {
    const { tiny, folder, backupId } = await withExtras('broken');
    await rm(path.join(folder, 'a.txt'));
    const error = await rejectionOf(
      restoreBackup(tiny.context, inPlace(backupId, { only: ['extras'] }), quietly),
    );
    expect(error).toMatchObject({ kind: 'damaged', message: expect.stringContaining('a.txt is broken') });
    expect(await readdir(folder)).toEqual(['scratch']);
  });

  it('refuses two handlers for one component', () => {
    expect(() => new ComponentRegistry([extras, extras])).toThrow('extras');
  });
});
