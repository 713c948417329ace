import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { DockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import { findProgram } from '../../../services/docker/programs.ts';

export const tinyImage = 'trinity-test-tiny:1';

const applets = ['sh', 'sleep', 'cat', 'env', 'echo', 'id', 'ls', 'dd', 'head'];

/** An image of two megabytes that has a shell and little else. */
export async function makeTinyImage(engine: DockerEngine, signal: AbortSignal): Promise<void> {
  if ((await engine.inspectImage(tinyImage, signal)) !== undefined) return;
  const archive = pack();
  const busybox = findProgram('busybox');
  if (busybox === undefined) throw new Error('busybox-static is not installed.');
  for (const name of ['bin/', 'tmp/', 'data/']) archive.entry({ name, type: 'directory' });
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(busybox));
  for (const name of applets) archive.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  archive.finalize();
  const [repository = '', tag = ''] = tinyImage.split(':');
  await engine.importImage(Readable.from(archive), { repository, tag }, signal);
}
