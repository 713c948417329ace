import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { componentName } from '../../../ui/text/words.ts';

type Props = Readonly<{ backup: CallOutput<'backups.show'>; onStarted: (taskId: string) => void }>;

/** A part of a backup as an archive that any tool opens. It is readable for everybody who has it, which is said. */
export function ExportForm({ backup, onStarted }: Props) {
  const start = useAction('export.start');
  const parts = [
    ...backup.agents.map((agent) => ({ value: `agent:${agent}`, label: `Agent ${agent}` })),
    ...backup.components.map((component) => ({
      value: `component:${component}`,
      label: component === 'memory' ? 'All agents' : componentName(component),
    })),
  ];
  const [part, setPart] = useState(parts[0]?.value ?? null);
  const [output, setOutput] = useState('');
  const isArchive = /^\/.+\.(?:zip|tar\.gz)$/u.test(output);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (part === null || !isArchive) return;
        const [kind, ...name] = part.split(':');
        const named = kind === 'agent' ? { agent: name.join(':') } : { component: name.join(':') };
        start.mutate(
          { backupId: backup.backupId, output, ...named },
          { onSuccess: ({ taskId }) => onStarted(taskId) },
        );
      }}
    >
      <Stack gap="xs">
        <Select label="What" data={parts} value={part} onChange={setPart} allowDeselect={false} />
        <TextInput
          label="Into the file"
          description="A .zip or .tar.gz on this server. It is not encrypted: whoever has it can read it."
          placeholder="/root/research.zip"
          value={output}
          error={
            output !== '' && !isArchive
              ? 'Name the file from the root on, ending in .zip or .tar.gz'
              : undefined
          }
          onChange={({ currentTarget }) => setOutput(currentTarget.value)}
        />
        {start.error !== null && <ErrorNotice error={start.error} />}
        <Group>
          <Button
            type="submit"
            variant="default"
            disabled={part === null || !isArchive}
            loading={start.isPending}
          >
            Export
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
