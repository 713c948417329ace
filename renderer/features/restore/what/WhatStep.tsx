import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { compareNames } from '../../../../shared/lib/name-order.ts';
import { addressOf } from '../../../app/routes.ts';
import { useCall } from '../../../client/engine.tsx';
import { Empty } from '../../../ui/frame/Empty.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import type { What } from '../choice.ts';
import { FilesChoice } from './FilesChoice.tsx';
import { OptionRow } from '../OptionRow.tsx';
import { StepHeading } from '../../../ui/frame/StepHeading.tsx';
import { useBackups } from '../use-backups.ts';

type Props = Readonly<{
  takesFocus: boolean;
  /** Said by the address. */
  backupId: string | undefined;
  onChoose: (what: What, backupId: string | undefined) => void;
}>;

/** What is to be had back; agents that are gone by now stand in the list too, since backups hold them. */
export function WhatStep({ takesFocus, backupId, onChoose }: Props) {
  const backups = useBackups({});
  const [isForFiles, setForFiles] = useState(false);
  return (
    <Stack gap="lg">
      <StepHeading key={String(isForFiles)} takesFocus={takesFocus || isForFiles}>
        {isForFiles ? 'Which files and folders?' : 'What do you want back?'}
      </StepHeading>
      {!isForFiles && (
        <Text c="var(--page-quiet)">
          You can look around without harm: nothing is changed before you have read the plan and pressed its
          button.
        </Text>
      )}
      <Loaded query={backups} what="Reading the backups">
        {({ backups: listed }) => {
          if (listed.length === 0)
            return (
              <Empty title="There is no backup yet">
                <Stack gap="sm" align="center">
                  <span>What is backed up can be restored here.</span>
                  <Button component="a" href={addressOf('overview')} variant="default">
                    Show the overview
                  </Button>
                </Stack>
              </Empty>
            );
          if (isForFiles)
            return (
              <>
                <FilesChoice backups={listed} backupId={backupId} onChoose={onChoose} />
                <Group>
                  <Button variant="default" onClick={() => setForFiles(false)}>
                    Back
                  </Button>
                </Group>
              </>
            );
          const choose = (what: What): void => onChoose(what, backupId);
          return (
            <>
              <Parts onChoose={choose} onFiles={() => setForFiles(true)} />
              <Agents held={listed.flatMap(({ agents }) => agents)} onChoose={choose} />
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

function Parts({ onChoose, onFiles }: Readonly<{ onChoose: (what: What) => void; onFiles: () => void }>) {
  return (
    <Stack gap="xs">
      <OptionRow title="Everything" onChoose={() => onChoose({ kind: 'everything' })}>
        The database, all agents, files and configuration
      </OptionRow>
      <OptionRow title="Files and folders" onChoose={onFiles}>
        Search all backups, or look through one
      </OptionRow>
      <OptionRow
        title="The database"
        onChoose={() => onChoose({ kind: 'component', component: 'persistence' })}
      >
        Users, agents, schedules, chats: what Trinity keeps in its database
      </OptionRow>
      <OptionRow
        title="The configuration"
        onChoose={() => onChoose({ kind: 'component', component: 'config' })}
      >
        .env with its passwords and keys, and what you have changed in Trinity’s folder
      </OptionRow>
    </Stack>
  );
}

/** More are found by their name. */
const mostShown = 100;

function Agents({ held, onChoose }: Readonly<{ held: readonly string[]; onChoose: (what: What) => void }>) {
  const status = useCall('status.get', {});
  const [search, setSearch] = useState('');
  const agents = [...new Set(held)].toSorted(compareNames);
  const found = agents.filter((agent) => agent.toLowerCase().includes(search.trim().toLowerCase()));
  const known = status.data?.memory?.agents.map(({ agent }) => agent);
  if (agents.length === 0) return undefined;
  return (
    <Stack gap="xs">
      <Title order={3}>One agent</Title>
      <TextInput
        aria-label="Search agents"
        placeholder="Search agents"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {found.slice(0, mostShown).map((agent) => (
        <OptionRow key={agent} title={agent} onChoose={() => onChoose({ kind: 'agent', agent })}>
          {known?.includes(agent) === false ? 'No longer in Trinity' : ''}
        </OptionRow>
      ))}
      {found.length > mostShown && (
        <Text c="var(--page-quiet)">{found.length - mostShown} more: search for their name.</Text>
      )}
      {found.length === 0 && <Text c="var(--page-quiet)">No backup holds an agent of this name.</Text>}
    </Stack>
  );
}
