import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { useHost } from '../../../client/host.tsx';
import { CommandLine } from '../../../ui/text/CommandLine.tsx';
import { Said, type Tone } from '../../../ui/state/Said.tsx';
import classes from '../FirstRun.module.css';

type Probe = CallOutput<'setup.probe'>;
type Report = NonNullable<Probe['report']>;

/** A line for each thing that was looked for. */
export function ProbeLines({ probe, onAgain }: Readonly<{ probe: Probe; onAgain: () => void }>) {
  const { report } = probe;
  return (
    <ul className={classes['probes']} aria-label="What was found">
      <li>
        <DockerLine docker={probe.docker} onAgain={onAgain} />
      </li>
      {report !== null && (
        <>
          <Line tone={report.dataAccess.mode === 'none' ? 'bad' : 'good'} name="/data">
            {report.dataFolder}. {report.dataAccess.reason}
          </Line>
          <Line {...environmentLine(probe, report)} name=".env" />
          <Line {...volumesLine(report)} name="Volumes" />
        </>
      )}
      {probe.keyProblem !== null && (
        <Line tone="bad" name="Key">
          {probe.keyProblem}
        </Line>
      )}
      <TrayLine />
    </ul>
  );
}

function Line({ tone, name, children }: Readonly<{ tone: Tone; name: string; children: React.ReactNode }>) {
  return (
    <li>
      <Said tone={tone}>
        <b>{name}:</b> {children}
      </Said>
    </li>
  );
}

function DockerLine({ docker, onAgain }: Readonly<{ docker: Probe['docker']; onAgain: () => void }>) {
  const { state, words, mend } = docker;
  const again = (
    <Button size="xs" variant="default" onClick={onAgain}>
      Check again
    </Button>
  );
  return (
    <Stack gap="xs">
      <Said
        tone={state === 'answers' ? 'good' : 'attention'}
        {...(state === 'answers' ? {} : { action: again })}
      >
        <b>Docker:</b> {words}
      </Said>
      {mend !== null && (
        <Stack gap="xs" pl={32}>
          <CommandLine command={mend.command} label="The command that allows it" />
          <Text size="xs" c="var(--page-quiet)">
            {mend.allows}
          </Text>
        </Stack>
      )}
    </Stack>
  );
}

function environmentLine({ environment }: Probe, { folder }: Report) {
  if (environment === 'readable') return { tone: 'good', children: `${folder}/.env can be read.` } as const;
  if (environment === 'missing')
    return {
      tone: 'attention',
      children: `There is none in ${folder}: the keys of Trinity cannot be kept.`,
    } as const;
  return {
    tone: 'attention',
    children: `This user may not read ${folder}/.env: it is read through Docker, if that is allowed.`,
  } as const;
}

function volumesLine({ volumes, problems }: Report) {
  const included = volumes.filter((volume) => volume.included);
  const closed = included.filter(({ access }) => access.mode === 'none');
  if (included.length === 0)
    return { tone: 'attention', children: problems[0] ?? 'There are no volumes of agents.' } as const;
  if (closed.length > 0) {
    const reason = closed[0]?.access.reason ?? '';
    return {
      tone: 'bad',
      children: `${countOf(closed.length, 'volume')} cannot be read. ${reason}`,
    } as const;
  }
  const bytes = included.reduce((sum, volume) => sum + (volume.bytes ?? 0), 0);
  const isCounted = included.every((volume) => volume.bytes !== null);
  const size = isCounted ? `, ${sizeText(bytes)}` : '';
  return { tone: 'good', children: `${countOf(included.length, 'volume')} of agents${size}.` } as const;
}

function TrayLine() {
  const { kind, hasTray } = useHost();
  const { data } = useQuery({
    queryKey: ['host.tray'],
    queryFn: async () => (hasTray === undefined ? false : await hasTray()),
  });
  if (kind === 'browser' || data === undefined) return null;
  return (
    <Line tone={data ? 'good' : 'info'} name="Tray">
      {data
        ? 'The state of your backups is shown there.'
        : 'This desktop has none: open Trinity Backup again from the launcher to see its window.'}
    </Line>
  );
}
