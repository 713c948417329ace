import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { durationText } from '../../../shared/lib/time-text.ts';
import { addressOf } from '../../app/routes.ts';
import { useCall } from '../../client/engine.tsx';
import { Moment, useMinute } from '../../ui/text/Moment.tsx';
import { SidePanel } from '../../ui/frame/SidePanel.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { daysOf } from '../overview/coverage-days.ts';
import { DayStrip } from '../overview/DayStrip.tsx';
import type { SizesByVolume } from './agent-sizes.ts';
import classes from './Agents.module.css';
import { IncludeSwitch } from './IncludeSwitch.tsx';
import { coverageOf, stateText } from './AgentRow.tsx';

type Agent = CallOutput<'agents.list'>['agents'][number];
type Props = Readonly<{
  agent: Agent;
  sizes: SizesByVolume;
  /** The vault was read: what no backup holds is in none. */
  isHeldKnown: boolean;
  onClose: () => void;
}>;

const shownDays = 30;

/** One agent: how it fared in the last thirty days, and its volumes. */
export function AgentPanel({ agent, sizes, isHeldKnown, onClose }: Props) {
  const { name, standing, deletedAt, volumes } = agent;
  const times = volumes.flatMap(({ lastBackupAt }) => lastBackupAt ?? []).toSorted();
  const frozenMs = volumes.reduce((sum, volume) => sum + (volume.frozenMs ?? 0), 0);
  const [oldest] = times;
  return (
    <SidePanel title={name} onClose={onClose}>
      <Stack gap="lg">
        <Group gap="xs">
          <Button component="a" href={addressOf('restore', { agent: name })}>
            Restore…
          </Button>
          <Button component="a" variant="default" href={addressOf('history', { agent: name })}>
            Its backups
          </Button>
        </Group>
        <Text>
          {agent.containerState === null && standing === 'live' ? '' : stateText(agent)}
          {standing === 'deleted' && deletedAt !== null && (
            <>
              {' '}
              <Moment at={deletedAt} />: Trinity can still bring it back
            </>
          )}
          {agent.containerState === null && standing === 'live' ? '' : '. '}
          {coverageOf(agent, isHeldKnown).words}.
        </Text>
        <Past name={name} />
        <dl className={classes['facts']}>
          <dt>Last backup</dt>
          <dd>{oldest === undefined ? isHeldKnown ? 'Never' : 'Not known now' : <Moment at={oldest} />}</dd>
          <dt>Frozen for it</dt>
          <dd>{isHeldKnown ? (frozenMs === 0 ? 'Not at all' : durationText(frozenMs)) : 'Not known now'}</dd>
        </dl>
        <Stack gap="xs">
          <Title order={3}>Volumes</Title>
          {volumes.map((volume) => (
            <VolumeLine key={volume.volume} {...{ volume, sizes, isHeldKnown }} />
          ))}
          {volumes.length === 0 && <Text>{agent.skipped ?? 'It has none that is known today.'}</Text>}
        </Stack>
      </Stack>
    </SidePanel>
  );
}

function Past({ name }: Readonly<{ name: string }>) {
  const query = useCall('history.coverage', { days: shownDays });
  const nowMs = useMinute();
  return (
    <Loaded query={query} what="Reading the history">
      {({ sources }) => (
        <Stack gap={4}>
          <Text className={classes['quiet']}>Last 30 days</Text>
          <DayStrip
            days={daysOf(
              sources.filter(({ agents }) => agents.includes(name)),
              shownDays,
              nowMs,
            )}
            name={name}
          />
        </Stack>
      )}
    </Loaded>
  );
}

type VolumeProps = Pick<Props, 'sizes' | 'isHeldKnown'> & Readonly<{ volume: Agent['volumes'][number] }>;

function VolumeLine({ volume, sizes, isHeldKnown }: VolumeProps) {
  const { volume: name, included, reason, coverage, lastBackupAt } = volume;
  const live = sizes.get(name);
  const bytes = live?.bytes ?? volume.bytes;
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start" className={classes['volume']}>
      <Stack gap={2} miw={0}>
        <Text className={classes['path']}>{name}</Text>
        <Text className={classes['quiet']}>{reason}</Text>
        <Text className={classes['quiet']}>
          {bytes === null ? 'Size not known' : sizeText(bytes)}
          {live !== undefined &&
            live.excludedBytes > 0 &&
            `, ${sizeText(live.excludedBytes)} left out by patterns`}
          {' · '}
          {lastBackupAt === null ? (
            isHeldKnown ? (
              'in no backup'
            ) : (
              'not known now whether a backup holds it'
            )
          ) : (
            <>
              backed up <Moment at={lastBackupAt} />
            </>
          )}
        </Text>
      </Stack>
      {coverage === 'gone' ? (
        <Text className={classes['quiet']}>Not there now</Text>
      ) : (
        <IncludeSwitch name={name} path={['volumes', name, 'include']} included={included} />
      )}
    </Group>
  );
}
