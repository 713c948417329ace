import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ContainerFacts, EngineFacts, ImageFacts, VolumeFacts } from './engine-facts.ts';

/** Shapes of the engine's answers, strict about what we use and blind to the rest: `Config.Env` is dropped here. */
const text = z.string().max(65_536);
// Engines write null for an empty table.
const textTable = z
  .record(text, text)
  .nullish()
  .transform((table) => table ?? {});
const list = <Shape extends z.ZodType>(shape: Shape) =>
  z
    .array(shape)
    .max(100_000)
    .nullish()
    .transform((items) => items ?? []);

const mountShape = z.object({
  Type: text.default('bind'),
  Name: text.optional(),
  Source: text.default(''),
  Destination: text,
  RW: z.boolean(),
});

const states = [
  'running',
  'paused',
  'exited',
  'created',
  'restarting',
  'dead',
  'removing',
  'stopping',
] as const;

const portsShape = z
  .record(text, list(z.object({ HostIp: text.default(''), HostPort: text.default('') })))
  .nullish();

export const containerShape = z
  .object({
    Id: z.string().regex(/^[0-9a-f]{12,64}$/),
    Name: text,
    Created: text.default(''),
    Image: text,
    State: z.object({ Status: z.enum(states), StartedAt: text.default(''), Pid: z.number().default(0) }),
    Config: z.object({ Image: text, Labels: textTable }),
    HostConfig: z.object({
      NetworkMode: text.default(''),
      RestartPolicy: z.object({ Name: text, MaximumRetryCount: z.number().default(0) }).nullish(),
      Tmpfs: textTable,
      AutoRemove: z.boolean().default(false),
      PortBindings: portsShape,
    }),
    NetworkSettings: z.object({ Ports: portsShape }).nullish(),
    Mounts: list(mountShape),
  })
  .transform((seen): ContainerFacts => {
    const { State: state, HostConfig: host, Config: config } = seen;
    // Asked for as `--tmpfs` they stand in a table of their own.
    const tmpfs = Object.keys(host.Tmpfs).map((target) => ({
      kind: 'tmpfs',
      volume: undefined,
      source: '',
      target,
      writable: true,
    }));
    return {
      id: seen.Id,
      name: seen.Name.replace(/^\//u, ''),
      state: state.Status,
      startedAt: state.StartedAt,
      createdAt: seen.Created,
      pid: state.Pid,
      restartPolicy: {
        name: host.RestartPolicy?.Name === '' ? 'no' : (host.RestartPolicy?.Name ?? 'no'),
        maximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
      },
      image: { id: seen.Image, name: config.Image },
      labels: config.Labels,
      mounts: [...seen.Mounts.map(mountOf), ...tmpfs],
      networkMode: host.NetworkMode,
      removesItself: host.AutoRemove,
      publishedPorts: publishedPorts(seen.NetworkSettings?.Ports, host.PortBindings),
    };
  });

type Ports = z.infer<typeof portsShape>;

function publishedPorts(running: Ports, setUp: Ports): ContainerFacts['publishedPorts'] {
  const isRunning = Object.values(running ?? {}).some((bindings) => bindings.length > 0);
  return Object.entries((isRunning ? running : setUp) ?? {}).flatMap(([containerPort, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => ({ containerPort, hostIp: HostIp, hostPort: HostPort })),
  );
}

function mountOf(mount: z.infer<typeof mountShape>): ContainerFacts['mounts'][number] {
  return {
    kind: mount.Type,
    volume: mount.Type === 'volume' ? mount.Name : undefined,
    source: mount.Source,
    target: mount.Destination,
    writable: mount.RW,
  };
}

export const environmentShape = z.object({ Config: z.object({ Env: list(text) }) });
export const containerListShape = list(z.object({ Id: z.string().regex(/^[0-9a-f]{12,64}$/) }));
export const createdShape = z.object({ Id: z.string().regex(/^[0-9a-f]{12,64}$/) });
export const waitShape = z.object({
  StatusCode: z.number(),
  Error: z.object({ Message: text.nullish() }).nullish(),
});
export const execStateShape = z.object({ Running: z.boolean(), ExitCode: z.number().nullish() });

export const volumeShape = z
  .object({
    Name: text,
    Driver: text,
    Labels: textTable,
    Options: textTable,
    Mountpoint: text.default(''),
    CreatedAt: text.optional(),
    Scope: text.default('local'),
  })
  .transform((seen): VolumeFacts => ({
    name: seen.Name,
    driver: seen.Driver,
    labels: seen.Labels,
    options: seen.Options,
    mountpoint: seen.Mountpoint,
    createdAt: seen.CreatedAt,
    scope: seen.Scope,
  }));

export const volumeListShape = z.object({ Volumes: list(volumeShape) }).transform(({ Volumes }) => Volumes);

export const imageShape = z
  .object({
    Id: text,
    RepoTags: list(text),
    Size: z.number().default(0),
    Config: z.object({ Labels: textTable }).nullish(),
    Labels: textTable,
  })
  .transform((seen): ImageFacts => ({
    id: seen.Id,
    tags: seen.RepoTags.filter((tag) => tag !== '<none>:<none>'),
    labels: { ...seen.Config?.Labels, ...seen.Labels },
    bytes: seen.Size,
  }));

export const imageListShape = list(imageShape);

export const engineShape = z
  .object({
    ID: text,
    Name: text.default(''),
    DockerRootDir: text.default(''),
    SecurityOptions: list(text),
    Driver: text.default(''),
    OperatingSystem: text.default(''),
    KernelVersion: text.default(''),
    ServerVersion: text.default(''),
  })
  .transform((seen): EngineFacts => ({
    id: engineId(seen.ID, seen.DockerRootDir),
    name: seen.Name,
    rootFolder: seen.DockerRootDir,
    securityOptions: seen.SecurityOptions,
    storageDriver: seen.Driver,
    operatingSystem: seen.OperatingSystem,
    kernelVersion: seen.KernelVersion,
    serverVersion: seen.ServerVersion,
    isRemapped: seen.SecurityOptions.some((option) => /^name=(?:userns|rootless)\b/u.test(option)),
  }));

/** Up to Docker 23 all engines of a machine have one id, from /etc/docker/key.json; no two have one root folder. */
function engineId(given: string, rootFolder: string): string {
  return createHash('sha256').update(`${given}\n${rootFolder}`).digest('hex').slice(0, 32);
}
