import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { makeFolder, writeBytes, writeText } from './sample-files.ts';
import type { SampleRandom } from './sample-random.ts';

/** Writes a repository with one commit that was never pushed, and what an interrupted git leaves behind. */
export function writeSampleRepository(workspace: string, random: SampleRandom, readme: string): void {
  const folder = join(workspace, '.git');
  const blob = writeObject(folder, 'blob', Buffer.from(readme));
  const tree = writeObject(
    folder,
    'tree',
    Buffer.concat([Buffer.from('100644 CLAUDE.md\0'), Buffer.from(blob, 'hex')]),
  );
  const person = 'Echo <echo@example.com> 1790575200 +0000';
  const commit = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nNotes that nobody has pushed\n`;
  const head = writeObject(folder, 'commit', Buffer.from(commit));
  writeText(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  writeText(join(folder, 'refs/heads/main'), `${head}\n`);
  writeText(join(folder, 'logs/HEAD'), `${'0'.repeat(40)} ${head} ${person}\tcommit (initial): Notes\n`);
  const token = random.hex('git remote token', 18);
  writeText(
    join(folder, 'config'),
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n' +
      `[remote "origin"]\n\turl = https://oauth2:${token}@github.com/example/echo.git\n`,
  );
  for (const name of ['branches', 'objects/info', 'refs/tags']) makeFolder(join(folder, name));
  writeBytes(
    join(folder, 'objects/pack', `pack-${random.hex('pack', 20)}.pack`),
    random.bytes('pack content', 400_000),
    0o444,
  );
  writeBytes(join(folder, 'objects/pack/tmp_pack_x4Zq1'), random.bytes('interrupted pack', 300_000), 0o444);
  writeText(join(folder, 'index.lock'), '');
  writeText(join(folder, 'gc.pid'), '4711 echo\n');
}

function writeObject(folder: string, type: string, content: Buffer): string {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const name = createHash('sha1').update(bytes).digest('hex');
  writeBytes(join(folder, 'objects', name.slice(0, 2), name.slice(2)), deflateSync(bytes), 0o444);
  return name;
}
