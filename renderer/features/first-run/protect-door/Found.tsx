import { List, Stack, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { Said } from '../../../ui/state/Said.tsx';

type Props = Readonly<{
  report: NonNullable<CallOutput<'setup.probe'>['report']>;
  dataBytes: number | null;
}>;

/** The install that was found, what of it will be protected, and how much that is. */
export function Found({ report, dataBytes }: Props) {
  const { version, folder, problems } = report;
  return (
    <Stack gap="xs">
      <Said tone="good">
        <span role="status">
          <b>Trinity{version === null ? '' : ` ${version}`}</b> in {folder}
        </span>
      </Said>
      <Text pl={32}>{sizeLine(report, dataBytes)}</Text>
      <List pl={50}>
        {protectedParts(report).map((part) => (
          <List.Item key={part}>{part}</List.Item>
        ))}
      </List>
      {problems.map((problem) => (
        <Said key={problem} tone="attention">
          {problem}
        </Said>
      ))}
    </Stack>
  );
}

function sizeLine({ volumes }: Props['report'], dataBytes: number | null): string {
  const included = volumes.filter((volume) => volume.included);
  const sizes = [dataBytes, ...included.map(({ bytes }) => bytes)];
  const known = sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const isWhole = sizes.every((bytes) => bytes !== null);
  return `This will be protected, ${isWhole ? '' : 'at least '}${sizeText(known)} before it is compressed:`;
}

function protectedParts({ agents, volumes, database, components }: Props['report']): readonly string[] {
  const isCovered = (name: string): boolean =>
    components.some(({ component, covered }) => component === name && covered);
  const included = volumes.filter((volume) => volume.included).length;
  const ofAgents = agents === null ? '' : ` of ${countOf(agents.length, 'agent')}`;
  return [
    ...(isCovered('persistence')
      ? [`The database (${database.kind === 'sqlite' ? 'SQLite' : 'Postgres'})`]
      : []),
    ...(included > 0 ? [`${countOf(included, 'volume')}${ofAgents}`] : []),
    ...(isCovered('files') ? ['Shared files, avatars and what else is in /data'] : []),
    ...(isCovered('config') ? ['.env, compose files and changed configuration'] : []),
  ];
}
