import { Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useCall } from '../../client/engine.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { Loaded } from '../../ui/Loaded.tsx';
import type { What } from './choice.ts';
import { OptionRow } from './OptionRow.tsx';

/** What is to be had back; agents that are gone by now stand in the list too, since backups hold them. */
export function WhatStep({ onChoose }: Readonly<{ onChoose: (what: What) => void }>) {
  const backups = useCall('backups.list', { limit: 1000 });
  const status = useCall('status.get', {});
  const [search, setSearch] = useState('');
  return (
    <Loaded query={backups} what="Reading the backups">
      {({ backups: listed }) => {
        if (listed.length === 0)
          return <Empty title="There is no backup yet">What is backed up can be restored here.</Empty>;
        const held = [...new Set(listed.flatMap(({ agents }) => agents))].toSorted((left, right) =>
          left.localeCompare(right),
        );
        const shown = held.filter((agent) => agent.toLowerCase().includes(search.trim().toLowerCase()));
        const known = status.data?.memory?.agents.map(({ agent }) => agent);
        return (
          <Stack gap="lg">
            <Stack gap="xs">
              <OptionRow title="Everything" onChoose={() => onChoose({ kind: 'everything' })}>
                The database, all agents, files and configuration
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
                .env and what was changed in the checkout
              </OptionRow>
            </Stack>
            {held.length > 0 && (
              <Stack gap="xs">
                <Title order={2}>One agent</Title>
                <TextInput
                  aria-label="Search agents"
                  placeholder="Search agents"
                  value={search}
                  onChange={({ currentTarget }) => setSearch(currentTarget.value)}
                />
                {shown.map((agent) => (
                  <OptionRow key={agent} title={agent} onChoose={() => onChoose({ kind: 'agent', agent })}>
                    {known?.includes(agent) === false ? 'No longer in Trinity' : ''}
                  </OptionRow>
                ))}
                {shown.length === 0 && (
                  <Text c="var(--page-quiet)">No backup holds an agent of this name.</Text>
                )}
              </Stack>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
