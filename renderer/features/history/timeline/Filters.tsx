import { Group, Select, Switch } from '@mantine/core';
import { timelineOutcome, type TimelineFilter } from '../../../../shared/model/timeline.ts';
import { trigger } from '../../../../shared/model/trigger.ts';
import { componentName, outcomeLooks, triggerWords } from '../../../ui/text/words.ts';

type Props = Readonly<{
  filter: TimelineFilter;
  components: readonly string[];
  agents: readonly string[];
  onChange: (changed: Readonly<Record<string, string | undefined>>) => void;
}>;

export function Filters({ filter, components, agents, onChange }: Props) {
  const choices = [
    {
      name: 'component',
      label: 'Part',
      all: 'All parts',
      data: components.map((value) => ({ value, label: componentName(value) })),
    },
    {
      name: 'agent',
      label: 'Agent',
      all: 'All agents',
      data: agents.map((value) => ({ value, label: value })),
    },
    {
      name: 'trigger',
      label: 'Trigger',
      all: 'Every trigger',
      data: trigger.options.map((value) => ({ value, label: triggerWords[value] })),
    },
    {
      name: 'outcome',
      label: 'Outcome',
      all: 'Every outcome',
      data: timelineOutcome.options.map((value) => ({ value, label: outcomeLooks[value].words })),
    },
  ] as const;
  return (
    <Group gap="xs" role="search" aria-label="Filters">
      {choices.map(({ name, label, all, data }) => (
        <Select
          key={name}
          aria-label={label}
          placeholder={all}
          data={data}
          value={filter[name] ?? null}
          clearable
          searchable={name === 'agent'}
          clearButtonProps={{ 'aria-label': `Show ${all.toLowerCase()}` }}
          nothingFoundMessage="No agent of this name"
          w={150}
          onChange={(value) => onChange({ [name]: value ?? undefined })}
        />
      ))}
      <Switch
        label="Trash"
        checked={filter.trash}
        onChange={({ currentTarget }) => onChange({ trash: currentTarget.checked ? 'yes' : undefined })}
      />
    </Group>
  );
}
