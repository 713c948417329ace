import { Alert, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { navigate } from '../../app/navigate.ts';
import { useRoute } from '../../app/use-route.ts';
import { useCall } from '../../client/engine.tsx';
import { Empty } from '../../ui/frame/Empty.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { AsOf } from '../../ui/state/AsOf.tsx';
import { lockedText } from '../../ui/state/error-text.ts';
import { UnlockButton } from '../../ui/state/ErrorNotice.tsx';
import { StateShape } from '../../ui/state/StateShape.tsx';
import { AgentPanel } from './AgentPanel.tsx';
import { AgentRow } from './AgentRow.tsx';
import classes from './Agents.module.css';
import { consistencies } from './consistencies.ts';
import { OwnerlessRow } from './OwnerlessRow.tsx';
import { sizesByVolume } from './agent-sizes.ts';

type Listed = CallOutput<'agents.list'>;

/** Who is backed up, how, and how much of it. */
export function AgentsPage() {
  const query = useCall('agents.list', {});
  return (
    <Page title="Agents">
      <Loaded query={query} what="Looking at the agents">
        {(listed) => (
          <Stack gap={24}>
            <Problems listed={listed} onAgain={() => void query.refetch()} />
            {listed.agents.length === 0 && listed.ownerless.length === 0 ? (
              <NoAgent isSure={listed.problems.length === 0 && listed.vault === 'open'} />
            ) : (
              <AgentTable listed={listed} />
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

/** Whoever is not known just now is not said to be missing. */
function NoAgent({ isSure }: Readonly<{ isSure: boolean }>) {
  if (!isSure) return <Empty title="No agent is known just now" />;
  return (
    <Empty title="There is no agent yet">
      Agents show up here as soon as Trinity or a backup knows of them.
    </Empty>
  );
}

type ProblemsProps = Readonly<{ listed: Listed; onAgain: () => void }>;

function Problems({ listed: { problems, vault }, onAgain }: ProblemsProps) {
  const isLocked = vault === 'locked';
  if (problems.length === 0 && !isLocked) return null;
  return (
    <Alert
      role="status"
      variant="light"
      color="blue"
      icon={<StateShape shape={isLocked ? 'lock' : 'clock'} severity="info" />}
    >
      <Stack gap="xs" align="flex-start">
        {isLocked && <Text>{lockedText}</Text>}
        {problems.map((problem) => (
          <Text key={problem} className={classes['problem']}>
            {problem}
          </Text>
        ))}
        <Text>What is known without it is shown.</Text>
        <Group gap="xs">
          {isLocked && <UnlockButton />}
          {problems.length > 0 && (
            <Button size="xs" variant="default" onClick={onAgain}>
              Try again
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

const headings = ['Name', 'State', 'Volumes', 'Size', 'Left out', 'While copied', 'Included'];

function AgentTable({ listed: { agents, ownerless, vault } }: Readonly<{ listed: Listed }>) {
  const { parameters } = useRoute();
  const sizes = useCall('agents.sizes', {});
  const byVolume = sizesByVolume(sizes.data);
  const open = agents.find(({ name }) => name === parameters.get('agent'));
  return (
    <>
      <AsOf query={sizes} />
      <Table verticalSpacing={8} horizontalSpacing={6} aria-label="Agents">
        <Table.Thead>
          <Table.Tr>
            {headings.map((heading) => (
              <Table.Th key={heading} ta={isNumber(heading) ? 'right' : undefined}>
                {heading}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {agents.map((agent) => (
            <AgentRow key={agent.name} agent={agent} sizes={byVolume} isHeldKnown={vault === 'open'} />
          ))}
          {ownerless.map((volume) => (
            <OwnerlessRow key={volume.volume} volume={volume} />
          ))}
        </Table.Tbody>
      </Table>
      {sizes.data?.isCut === true && (
        <Text c="var(--page-quiet)">
          Counting took too long: of the rest the size of the last backup is shown.
        </Text>
      )}
      <Meanings />
      {open !== undefined && (
        <AgentPanel
          agent={open}
          sizes={byVolume}
          isHeldKnown={vault === 'open'}
          onClose={() => navigate('agents')}
        />
      )}
    </>
  );
}

function isNumber(heading: string): boolean {
  return ['Volumes', 'Size', 'Left out'].includes(heading);
}

/** What the choices of “While copied” mean. */
function Meanings() {
  return (
    <Stack gap={4}>
      <Title order={2}>While copied</Title>
      {consistencies.map(({ value, label, meaning }) => (
        <Text key={value} c="var(--page-quiet)">
          <b>{label}</b>: {meaning}
        </Text>
      ))}
    </Stack>
  );
}
