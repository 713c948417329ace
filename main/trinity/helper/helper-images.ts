import type { DockerEngine } from '../docker/docker-engine.ts';

/** What Trinity makes its agents of. */
const baseImage = 'trinity-agent-base:latest';
const mostOthers = 8;

/**
 * Images that are there, likely ones first: those of these containers, Trinity's own, and then others. None is ever pulled. Others are
 * looked up only when they are asked for.
 */
export async function* helperImages(
  engine: DockerEngine,
  containers: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const given = new Set<string>();
  for (const container of containers) {
    const image = (await engine.inspectContainer(container, signal))?.image.id ?? '';
    // A running container's image may have been removed by force.
    const found = image === '' ? undefined : await engine.inspectImage(image, signal);
    if (found === undefined || given.has(found.id)) continue;
    given.add(found.id);
    yield found.id;
  }
  const base = await engine.inspectImage(baseImage, signal);
  if (base !== undefined && !given.has(base.id)) {
    given.add(base.id);
    yield base.id;
  }
  const others = (await engine.listImages(signal)).filter(
    ({ id, tags }) => !given.has(id) && tags.length > 0,
  );
  // The larger ones rather have Python.
  for (const { id } of others.toSorted((one, other) => other.bytes - one.bytes).slice(0, mostOthers))
    yield id;
}
