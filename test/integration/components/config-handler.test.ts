import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { inPlace, listedPaths } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';

const run = promisify(execFile);

/** Makes the checkout a git repository with everything but `.env` and the data in its one commit. */
async function commitAll(context: TestContext, { folder }: TinyInstall): Promise<void> {
  const git = async (...args: string[]) =>
    await run(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'init.defaultBranch=main', ...args],
      { cwd: folder },
    );
  try {
    await git('--version');
  } catch (error) {
    if (process.env['TRINITY_TEST_REQUIRE_ALL'] !== undefined) throw error;
    context.skip('there is no git here');
  }
  await writeFile(path.join(folder, '.gitignore'), '.env\ntrinity-data/\n');
  await git('init', '-q');
  await git('add', '.');
  await git('commit', '-q', '-m', 'release');
}

describe('configHandler', () => {
  it('puts back in place what the operator wrote, and nothing of the release', async (context) => {
    const tiny = await tinyInstall();
    const file = (name: string): string => path.join(tiny.folder, name);
    await writeFile(file('config/released.yaml'), 'released');
    await commitAll(context, tiny);
    await writeFile(file('docker-compose.prod.yml'), 'edited by the operator');
    await writeFile(file('docker-compose.override.yml'), 'not in git');
    const { backupId } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    expect(await listedPaths(tiny, backupId, 'config')).toContain('config/released.yaml');
    await writeFile(file('config/released.yaml'), 'of a newer release');
    await writeFile(file('VERSION'), '0.9.6\n');
    await rm(file('docker-compose.override.yml'));
    await writeFile(file('docker-compose.prod.yml'), 'changed since');
    await writeFile(file('config/younger.yaml'), 'stays');
    const { notes } = await restoreBackup(tiny.context, inPlace(backupId, { only: ['config'] }), quietly);
    expect(notes.map(({ code }) => code)).toContain('release-files-kept');
    const texts = [
      'config/released.yaml',
      'VERSION',
      'docker-compose.override.yml',
      'docker-compose.prod.yml',
      'config/younger.yaml',
    ];
    expect(await Promise.all(texts.map(async (name) => await readFile(file(name), 'utf8')))).toEqual([
      'of a newer release',
      '0.9.6\n',
      'not in git',
      'edited by the operator',
      'stays',
    ]);
  });

  it('warns of an .env that is missing, or a link to somewhere else', async () => {
    const tiny = await tinyInstall();
    const env = path.join(tiny.folder, '.env');
    await rm(env);
    const missing = await createBackup(tiny.context, { trigger: 'manual', only: ['config'] }, quietly);
    expect(missing.warnings).toMatchObject([{ code: 'env-missing' }]);
    await writeFile(path.join(tiny.base, 'elsewhere.env'), 'SECRET_KEY=one\n');
    await symlink('../elsewhere.env', env);
    const linked = await createBackup(tiny.context, { trigger: 'manual', only: ['config'] }, quietly);
    expect(linked.warnings).toEqual([]);
    expect(linked.notes).toMatchObject([{ code: 'link-followed', path: '.env' }]);
    await rm(path.join(tiny.base, 'elsewhere.env'));
    const dangling = await createBackup(tiny.context, { trigger: 'manual', only: ['config'] }, quietly);
    expect(dangling.warnings).toMatchObject([{ code: 'link-dangling', path: '.env' }]);
  });

  it('holds the content of a linked .env and compose file, and never writes through the link', async () => {
    const tiny = await tinyInstall();
    const elsewhere = path.join(tiny.base, 'elsewhere');
    await mkdir(elsewhere);
    for (const name of ['.env', 'docker-compose.prod.yml']) {
      await rename(path.join(tiny.folder, name), path.join(elsewhere, name));
      await symlink(path.join(elsewhere, name), path.join(tiny.folder, name));
    }
    const environment = await readFile(path.join(elsewhere, '.env'), 'utf8');
    const request = { trigger: 'manual', only: ['config'] } as const;
    const { backupId } = await createBackup(tiny.context, request, quietly);
    const out = path.join(tiny.base, 'out');
    const to = { backupId, destination: { way: 'to', folder: out }, safetyBackup: false } as const;
    await restoreBackup(tiny.context, to, quietly);
    expect(await readFile(path.join(out, 'config/.env'), 'utf8')).toBe(environment);
    await writeFile(path.join(elsewhere, 'docker-compose.prod.yml'), 'changed since');
    const { warnings } = await restoreBackup(tiny.context, inPlace(backupId, { only: ['config'] }), quietly);
    expect(warnings).toMatchObject([{ code: 'link-replaced', path: 'docker-compose.prod.yml' }]);
    // The content of this one is the same: the link stays.
    expect((await lstat(path.join(tiny.folder, '.env'))).isSymbolicLink()).toBe(true);
    expect((await lstat(path.join(tiny.folder, 'docker-compose.prod.yml'))).isFile()).toBe(true);
    expect(await readFile(path.join(elsewhere, 'docker-compose.prod.yml'), 'utf8')).toBe('changed since');
  });
});
