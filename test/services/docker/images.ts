import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { projectFolder } from '../../../build/entries.ts';
import { sampleSchema } from '../../../main/trinity/sample/sample-schema.ts';
import { hasStatus } from './containers.ts';
import type { Engine } from './engine.ts';
import { findProgram } from './programs.ts';
import { rootArchive } from './root-cache.ts';
import type { RootName } from './root-cache.ts';

/** What agents run in, named as Trinity names it. It has GNU tools, python3, git and sqlite3. */
export const agentImage = 'trinity-agent-base:latest';
/** The same with a Postgres server and its client library. */
export const postgresImage = 'trinity-postgres:latest';
/** Two megabytes: nothing but a static busybox. */
export const busyboxImage = 'trinity-busybox:latest';

const programs = path.join(projectFolder, 'test/fixtures/trinity');

/** Makes sure that an engine has the image of agents. */
export async function ensureAgentImage(engine: Engine): Promise<void> {
  await ensureTrinityImage(engine, {
    root: 'debian',
    image: agentImage,
    command: 'python3", "/opt/trinity/agent.py',
  });
}

export async function ensurePostgresImage(engine: Engine): Promise<void> {
  await ensureTrinityImage(engine, {
    root: 'postgres',
    image: postgresImage,
    command: 'bash", "/opt/trinity/postgres.sh',
  });
}

export async function ensureBusyboxImage(engine: Engine): Promise<void> {
  if (await hasImage(engine, busyboxImage)) return;
  const busybox = findProgram('busybox');
  if (busybox === undefined) throw new Error('Run apt-get install busybox-static: there is no busybox.');
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(busybox));
  for (const name of ['sh', 'sleep', 'cat', 'ls', 'find', 'tar', 'stat', 'id', 'mkdir', 'rm', 'touch']) {
    archive.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  }
  archive.finalize();
  await importRoot(engine, busyboxImage, Readable.from(archive));
}

type TrinityImage = Readonly<{ root: RootName; image: string; command: string }>;

/** The root with the programs of `test/fixtures/trinity`, as a layer of its own: changing a program costs no new root. */
async function ensureTrinityImage(engine: Engine, { root, image, command }: TrinityImage): Promise<void> {
  const files = await readPrograms();
  const version = hashOf(files);
  if ((await labelsOf(engine, image))?.['trinity-test.programs'] === version) return;
  const rootImage = `trinity-test-${root}:latest`;
  if (!(await hasImage(engine, rootImage)))
    await importRoot(engine, rootImage, createReadStream(await rootArchive(root)));
  const container = await engine.client.createContainer({
    Image: rootImage,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    await container.putArchive(Readable.from(archiveOf(files)), { path: '/opt/trinity' });
    const [repo, tag] = image.split(':');
    const changes = [
      `CMD ["${command}"]`,
      'WORKDIR /home/developer',
      'ENV PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8',
      `LABEL trinity-test.programs=${version}`,
    ].join('\n');
    await container.commit({ repo, tag, changes });
  } finally {
    await container.remove({ force: true });
  }
}

async function importRoot(engine: Engine, image: string, archive: NodeJS.ReadableStream): Promise<void> {
  const [repo, tag] = image.split(':');
  // Its answer is progress, ended when the image is there; what went wrong stands in it too.
  const progress = await text(await engine.client.importImage(archive, { repo, tag }));
  if (progress.includes('"error"')) throw new Error(`The engine does not take ${image}: ${progress}`);
}

async function hasImage(engine: Engine, image: string): Promise<boolean> {
  return (await labelsOf(engine, image)) !== undefined;
}

/** Undefined where there is no such image. */
async function labelsOf(
  engine: Engine,
  image: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const found = await engine.client.getImage(image).inspect();
    return found.Config.Labels ?? {};
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

type Program = Readonly<{ name: string; content: Buffer }>;

async function readPrograms(): Promise<readonly Program[]> {
  const names = (await readdir(programs)).filter((name) => /\.(?:py|sh)$/u.test(name)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(path.join(programs, name)) })),
  );
  return [...files, { name: 'schema.sql', content: Buffer.from(sampleSchema) }];
}

function hashOf(files: readonly Program[]): string {
  const hash = createHash('sha256');
  for (const { name, content } of files) hash.update(`${name}\0${String(content.length)}\0`).update(content);
  return hash.digest('hex').slice(0, 12);
}

function archiveOf(files: readonly Program[]): Pack {
  const archive = pack();
  for (const { name, content } of files) archive.entry({ name, mode: 0o755 }, content);
  archive.finalize();
  return archive;
}
