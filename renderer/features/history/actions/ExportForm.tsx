import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useAction } from '../../../client/engine.tsx';
import { useHost } from '../../../client/host.tsx';
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
        <OutputField
          value={output}
          suggestedName={`${part?.replace(/^[^:]*:/u, '') ?? 'backup'}.zip`}
          error={
            output !== '' && !isArchive
              ? 'Name the file from the root on, ending in .zip or .tar.gz'
              : undefined
          }
          onChange={setOutput}
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

type OutputProps = Readonly<{
  value: string;
  suggestedName: string;
  error: string | undefined;
  onChange: (file: string) => void;
}>;

/** A new file of the engine's machine: typed, or named in the dialog of the desktop. */
function OutputField({ value, suggestedName, error, onChange }: OutputProps) {
  const { chooseNewFile } = useHost();
  const choose = async (): Promise<void> => {
    const chosen = await chooseNewFile?.('Export', suggestedName);
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <TextInput
        label="Into the file"
        description="A .zip or .tar.gz on this server. It is not encrypted: whoever has it can read it."
        placeholder="/root/research.zip"
        flex={1}
        value={value}
        error={error}
        inputWrapperOrder={['label', 'description', 'error', 'input']}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {chooseNewFile !== undefined && (
        <Button variant="default" onClick={() => void choose()}>
          Choose…
        </Button>
      )}
    </Group>
  );
}
