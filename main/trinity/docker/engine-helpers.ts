import type { Readable } from 'node:stream';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { VolumeFacts } from './engine-facts.ts';
import { boundedStream } from './engine-stream.ts';
import { createdShape } from './engine-shapes.ts';
import type { EngineRequest, EngineTransport } from './engine-transport.ts';
import type { ContainerCalls } from './engine-containers.ts';
import type { VolumeCalls } from './engine-volumes.ts';

export type HelperMount = Readonly<{
  kind: 'volume' | 'bind';
  /** Name of the volume, which has to be there, or path of the folder on the engine's host. */
  source: string;
  target: string;
  writable: boolean;
}>;

/** A throw-away container of ours: no network, read-only root, no capability but the asked ones, never restarted. */
export type HelperSpec = Readonly<{
  /** Name or id of an image that is there; none is ever pulled. */
  image: string;
  /** The whole command line: the image's entrypoint is not used. */
  command: readonly string[];
  /** By which a sweep finds what a killed run left. */
  labels: Readonly<Record<string, string>>;
  mounts: readonly HelperMount[];
  name?: string;
  /** Default root. */
  user?: string;
  /** Such as `DAC_READ_SEARCH`. */
  capabilities?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  stdin?: boolean;
  /** Paths that are memory, with mount options such as `size=64m`. */
  tmpfs?: Readonly<Record<string, string>>;
  memoryBytes?: number;
  /** How many processes it may have. */
  pidsLimit?: number;
  /** For one that is never started: the engine writes no archive into a container whose root is read-only. */
  writableRoot?: boolean;
}>;

export type HelperCalls = Readonly<{
  /** Makes a container, not started, and gives its id. `not-found` when its image or one of its volumes is not there. */
  createContainer: (spec: HelperSpec, signal: AbortSignal) => Promise<string>;
  /** A tar archive of a path in a container, also one that never ran. Files may be missing or cut off without a sign. */
  getArchive: (container: string, path: string, signal: AbortSignal) => Promise<Readable>;
  /** Unpacks a tar archive into a folder of a container, also one that never ran; what is there already stays. */
  putArchive: (container: string, path: string, archive: Readable, signal: AbortSignal) => Promise<void>;
}>;

const madeLabel = 'trinity-backup.made';
const archiveStallMs = 120_000;

export function helperCalls(transport: EngineTransport, calls: ContainerCalls & VolumeCalls): HelperCalls {
  return {
    createContainer: async (spec, signal) => await create({ transport, calls, signal }, spec),
    getArchive: async (container, path, signal) => {
      const doing = `read ${path} of the container ${container}`;
      const request = archiveRequest('GET', container, { path, doing });
      const bounds = { stallMs: archiveStallMs, doing: { doing, url: transport.url }, signal };
      return boundedStream(await transport.open(request, signal), bounds);
    },
    putArchive: async (container, path, upload, signal) => {
      const doing = `write ${path} of the container ${container}`;
      await transport.text({ ...archiveRequest('PUT', container, { path, doing }), upload }, signal);
    },
  };
}

function archiveRequest(
  method: 'GET' | 'PUT',
  container: string,
  { path, doing }: Readonly<{ path: string; doing: string }>,
): EngineRequest {
  const target = `/containers/${encodeURIComponent(container)}/archive`;
  return { method, path: target, query: { path }, stallMs: archiveStallMs, doing };
}

type Creating = Readonly<{
  transport: EngineTransport;
  calls: ContainerCalls & VolumeCalls;
  signal: AbortSignal;
}>;

/**
 * The engine makes volumes that are missing, empty: so they are looked up before. One that goes just then is made with our label, and
 * removed again.
 */
async function create(parts: Creating, spec: HelperSpec): Promise<string> {
  const { transport, calls, signal } = parts;
  await volumesOf(parts, spec);
  const { environment = {} } = spec;
  const request: EngineRequest = {
    method: 'POST',
    path: '/containers/create',
    query: spec.name === undefined ? {} : { name: spec.name },
    body: bodyOf(spec),
    doing: `make a helper container of the image ${spec.image}`,
    secrets: Object.values(environment),
  };
  const { Id: id } = await transport.json(request, createdShape, signal);
  const made = (await volumesOf(parts, spec)).filter(({ labels }) => madeLabel in labels);
  if (made.length > 0) await calls.removeContainer(id, signal);
  for (const { name } of made) await calls.removeVolume(name, signal);
  const [first] = made;
  if (first !== undefined) throw volumeGone(first.name);
  return id;
}

async function volumesOf({ calls, signal }: Creating, spec: HelperSpec): Promise<readonly VolumeFacts[]> {
  const found: VolumeFacts[] = [];
  for (const { kind, source } of spec.mounts) {
    if (kind !== 'volume') continue;
    const volume = await calls.inspectVolume(source, signal);
    if (volume === undefined) throw volumeGone(source);
    found.push(volume);
  }
  return found;
}

function volumeGone(volume: string): AppError {
  return new AppError('not-found', `The volume ${volume} is not there. Look where it went, then try again.`);
}

function bodyOf(spec: HelperSpec): Readonly<Record<string, unknown>> {
  const [program = '', ...rest] = spec.command;
  const { environment = {}, stdin = false } = spec;
  return {
    Image: spec.image,
    Entrypoint: [program],
    Cmd: rest,
    User: spec.user ?? '0:0',
    Labels: spec.labels,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Tty: false,
    OpenStdin: stdin,
    StdinOnce: stdin,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    WorkingDir: '/',
    // An image's own health check would run a program of its own in there.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: spec.writableRoot !== true,
      CapDrop: ['ALL'],
      CapAdd: spec.capabilities ?? [],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      // What it prints is for us alone: nothing of it is kept in the engine's logs.
      LogConfig: { Type: 'none', Config: {} },
      Mounts: spec.mounts.map(mountOf),
      Tmpfs: spec.tmpfs ?? {},
      ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes }),
      ...(spec.pidsLimit === undefined ? {} : { PidsLimit: spec.pidsLimit }),
    },
  };
}

function mountOf({ kind, source, target, writable }: HelperMount): Readonly<Record<string, unknown>> {
  const mount = { Type: kind, Source: source, Target: target, ReadOnly: !writable };
  if (kind === 'bind') return mount;
  // Else the engine fills an empty volume from the image. The label is given to a volume that is made for the mount alone.
  return { ...mount, VolumeOptions: { NoCopy: true, Labels: { [madeLabel]: 'by mistake' } } };
}
