import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { agentNameProblem } from '../../../../shared/lib/agent-name.ts';
import { useCall } from '../../../client/engine.tsx';
import classes from '../Restore.module.css';

/** One agent as a new one. Whether its name is free is said as it is typed, and for sure by the plan. */
export function OtherName({
  agent,
  before,
  onChoose,
}: Readonly<{ agent: string; before: string; onChoose: (name: string) => void }>) {
  const [name, setName] = useState(before);
  const { data } = useCall('agents.list', {});
  const holder = data?.agents.find(
    (one) => one.standing !== 'destroyed' && (one.name === name || one.base === name),
  );
  const problem = agentNameProblem(name) ?? (holder === undefined ? undefined : takenText(holder, name));
  return (
    <form
      className={classes['way']}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === undefined) onChoose(name);
      }}
    >
      <Stack gap="xs">
        <TextInput
          label="Under another name"
          description={`A new agent beside ${agent}, which stays as it is`}
          placeholder={`${agent}-copy`}
          value={name}
          error={name === '' ? undefined : problem}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Group>
          <Button type="submit" variant="default" disabled={problem !== undefined}>
            Use this name
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function takenText({ name, standing }: Readonly<{ name: string; standing: string }>, asked: string): string {
  if (name !== asked)
    return `${name} was called ${asked} once, and its volumes still are. Choose another name.`;
  return standing === 'deleted'
    ? `Trinity keeps the name ${asked} for an agent that was deleted. Choose another name.`
    : `Trinity has an agent ${asked} already. Choose another name.`;
}
