/** What is kept of the answers of a Docker engine. Nothing of a container's environment is ever among it. */
export type ContainerState =
  | 'running'
  | 'paused'
  | 'exited'
  | 'created'
  | 'restarting'
  | 'dead'
  | 'removing'
  | 'stopping';

/** How a container reaches a path of its own. */
export type MountFacts = Readonly<{
  /** `volume`, `bind`, `tmpfs`, or whatever else an engine knows. */
  kind: string;
  /** Name of the volume; undefined for other kinds. */
  volume: string | undefined;
  /** Path on the engine's host; empty for tmpfs. */
  source: string;
  target: string;
  writable: boolean;
}>;

export type RestartPolicy = Readonly<{ name: string; maximumRetryCount: number }>;

export type ContainerFacts = Readonly<{
  id: string;
  /** Without the leading slash. */
  name: string;
  state: ContainerState;
  /** As the engine writes it (RFC 3339, ns); `0001-01-01T00:00:00Z` when it was never started. */
  startedAt: string;
  createdAt: string;
  /** Of the main process, as the engine's host numbers it; 0 when it does not run. */
  pid: number;
  restartPolicy: RestartPolicy;
  image: Readonly<{ id: string; name: string }>;
  labels: Readonly<Record<string, string>>;
  mounts: readonly MountFacts[];
  networkMode: string;
  /** The engine removes it when it stops (`--rm`). */
  removesItself: boolean;
  /** As it runs; of one that does not, as it is set up. */
  publishedPorts: readonly Readonly<{ containerPort: string; hostIp: string; hostPort: string }>[];
}>;

export type VolumeFacts = Readonly<{
  name: string;
  driver: string;
  labels: Readonly<Record<string, string>>;
  /** Options of its driver. May hold the password of a network share: never to be logged. */
  options: Readonly<Record<string, string>>;
  /** Path on the engine's host, which need not be this one. */
  mountpoint: string;
  /** In whole seconds; undefined where the driver does not tell. */
  createdAt: string | undefined;
  scope: string;
}>;

export type ImageFacts = Readonly<{
  id: string;
  tags: readonly string[];
  labels: Readonly<Record<string, string>>;
  bytes: number;
}>;

export type EngineFacts = Readonly<{
  /** Of this very engine, the same for every user and address: 32 hexadecimal digits, made of what it tells of itself. */
  id: string;
  /** Host name of the machine that the engine runs on. */
  name: string;
  /** Where it keeps everything, on its own host. */
  rootFolder: string;
  securityOptions: readonly string[];
  storageDriver: string;
  operatingSystem: string;
  kernelVersion: string;
  serverVersion: string;
  /** Containers' user ids are shifted on the host (user namespaces, rootless). */
  isRemapped: boolean;
}>;
