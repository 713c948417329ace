import { Anchor, Select, Table, Text } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import type { Severity, StateShape as ShapeName } from '../../../shared/model/status.ts';
import { addressOf } from '../../app/routes.ts';
import { useAction } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';
import { StateShape } from '../../ui/state/StateShape.tsx';
import { sizeOfAgent, type SizesByVolume } from './agent-sizes.ts';
import classes from './Agents.module.css';
import { consistencies } from './consistencies.ts';
import { IncludeSwitch } from './IncludeSwitch.tsx';

type Agent = CallOutput<'agents.list'>['agents'][number];

type Props = Readonly<{
  agent: Agent;
  sizes: SizesByVolume;
  /** The vault was read: what no backup holds is in none. */
  isHeldKnown: boolean;
}>;

/** One agent: what it is, how large, and how it is backed up. */
export function AgentRow({ agent, sizes, isHeldKnown }: Props) {
  const { name, volumes, standing } = agent;
  const { bytes, excludedBytes } = sizeOfAgent(agent, sizes);
  const { words, shape, severity } = coverageOf(agent, isHeldKnown);
  return (
    <Table.Tr data-standing={standing}>
      <Table.Td>
        <span className={classes['named']}>
          <span role="img" aria-label={words} title={words} className={classes['shape']}>
            <StateShape shape={shape} severity={severity} size={18} />
          </span>
          <Anchor href={addressOf('agents', { agent: name })} className={classes['name']}>
            <bdi>{name}</bdi>
          </Anchor>
        </span>
      </Table.Td>
      <Table.Td className={classes['whole']}>{stateText(agent)}</Table.Td>
      <Table.Td ta="right">{volumes.length}</Table.Td>
      <Table.Td ta="right" className={classes['whole']}>
        {bytes === undefined ? '–' : sizeText(bytes)}
      </Table.Td>
      <Table.Td ta="right" className={classes['whole']}>
        {excludedBytes === undefined ? '–' : sizeText(excludedBytes)}
      </Table.Td>
      {standing === 'destroyed' ? (
        <Table.Td colSpan={2}>
          <Anchor href={addressOf('restore', { agent: name })}>Restore…</Anchor>
        </Table.Td>
      ) : (
        <Choices agent={agent} />
      )}
    </Table.Tr>
  );
}

/** How it is backed up; what is chosen takes effect at once. */
function Choices({ agent: { name, base, included, consistency } }: Readonly<{ agent: Agent }>) {
  const set = useAction('settings.set');
  return (
    <>
      <Table.Td>
        <Select
          aria-label={`While ${name} is copied`}
          data={consistencies.map(({ value, label }) => ({ value, label }))}
          value={consistency}
          allowDeselect={false}
          disabled={set.isPending}
          size="xs"
          w={86}
          comboboxProps={{ width: 280, position: 'bottom-end' }}
          renderOption={({ option }) => (
            <div>
              <Text>{option.label}</Text>
              <Text size="xs">{consistencies.find(({ value }) => value === option.value)?.meaning}</Text>
            </div>
          )}
          onChange={(value) => {
            if (value !== null)
              set.mutate({ path: ['agents', base, 'consistency'], value }, { onError: showProblem });
          }}
        />
      </Table.Td>
      <Table.Td>
        <IncludeSwitch name={name} path={['agents', base, 'include']} included={included} />
      </Table.Td>
    </>
  );
}

const containerWords: Readonly<Record<string, string>> = {
  running: 'Running',
  paused: 'Paused',
  exited: 'Stopped',
  created: 'Not started',
  restarting: 'Restarting',
  dead: 'Dead',
};

/** What the agent is doing, or what became of it. */
export function stateText({ standing, containerState }: Agent): string {
  if (standing === 'deleted') return 'Deleted';
  if (standing === 'destroyed') return 'Destroyed';
  return containerState === null ? '–' : (containerWords[containerState] ?? containerState);
}

type Look = Readonly<{ words: string; shape: ShapeName; severity: Severity }>;

/** Whether all of its volumes are in a backup. */
export function coverageOf({ included, volumes, skipped, standing }: Agent, isHeldKnown: boolean): Look {
  if (skipped !== null) return { words: skipped, shape: 'pause', severity: 'info' };
  if (!included) return { words: 'Left out by hand', shape: 'pause', severity: 'info' };
  if (!isHeldKnown)
    return { words: 'Whether a backup holds it is not known now', shape: 'clock', severity: 'info' };
  const wanted = volumes.filter(({ coverage }) => coverage !== 'left-out');
  const covered = wanted.filter(({ coverage }) => coverage === 'covered' || coverage === 'gone');
  if (wanted.some(({ coverage }) => coverage === 'failed')) {
    return { words: 'The last run could not copy it whole', shape: 'cross', severity: 'bad' };
  }
  if (standing === 'destroyed') return { words: 'Backups hold it', shape: 'clock', severity: 'info' };
  if (wanted.length > 0 && wanted.every(({ coverage }) => coverage === 'gone')) {
    return {
      words: 'Its volume is not there any more: restore it',
      shape: 'triangle',
      severity: 'attention',
    };
  }
  if (wanted.length > 0 && covered.length === wanted.length) {
    return { words: 'Backed up', shape: 'check', severity: 'good' };
  }
  return { words: 'In no backup yet', shape: 'triangle', severity: 'attention' };
}
