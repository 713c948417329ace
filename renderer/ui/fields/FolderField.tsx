import { Button, Group, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useHost } from '../../client/host.tsx';
import { FolderChooser } from './FolderChooser.tsx';

type Props = Readonly<{
  label: string;
  description?: string;
  placeholder?: string;
  value: string;
  onChange: (folder: string) => void;
  /** What is wrong with it, in words. */
  error?: string | undefined;
  isRequired?: boolean;
}>;

/** A folder of the engine's machine: typed, or chosen in the dialog of the desktop, or from a list in a browser. */
export function FolderField({ label, value, onChange, error, isRequired = false, ...texts }: Props) {
  const { chooseFolder } = useHost();
  const [isListShown, list] = useDisclosure(false);
  const choose = async (): Promise<void> => {
    if (chooseFolder === undefined) return list.open();
    const chosen = await chooseFolder(label);
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          {...texts}
          label={label}
          flex={1}
          value={value}
          required={isRequired}
          withAsterisk={false}
          autoComplete="off"
          spellCheck={false}
          error={error ?? problemOfPath(value)}
          inputWrapperOrder={['label', 'description', 'error', 'input']}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
        <Button variant="default" onClick={() => void choose()}>
          Choose…
        </Button>
      </Group>
      {isListShown && (
        <FolderChooser
          title={label}
          start={isWholePath(value) ? value : undefined}
          onClose={list.close}
          onChoose={(folder) => {
            onChange(folder);
            list.close();
          }}
        />
      )}
    </>
  );
}

export function isWholePath(value: string): boolean {
  return value.startsWith('/') && value.length <= 4096;
}

function problemOfPath(value: string): string | undefined {
  return value === '' || isWholePath(value) ? undefined : 'Name the folder from the root on: /mnt/backup';
}
