import { parseAgentVolumeName } from '../../trinity/volume-name.ts';

const fixed: Readonly<Record<string, string>> = {
  persistence: 'the database',
  files: 'the files',
  config: 'the configuration',
};

/** A source (as `sourceText`) for people, within a sentence: `the database`, `agent research`, `volume old-data`. */
export function sourceName(source: string, agents: readonly string[]): string {
  const slash = source.indexOf('/');
  const [component, volume] = slash === -1 ? [source, ''] : [source.slice(0, slash), source.slice(slash + 1)];
  if (component === 'paths') return `the folder ${volume}`;
  if (component !== 'memory') return fixed[source] ?? source;
  const parsed = parseAgentVolumeName(volume);
  const agent = agents.length === 1 ? agents[0] : agents.find((name) => name === parsed?.base);
  const name = agent ?? parsed?.base;
  if (name === undefined) return `volume ${volume}`;
  return parsed === undefined || parsed.kind === 'workspace'
    ? `agent ${name}`
    : `agent ${name} (${parsed.kind})`;
}
