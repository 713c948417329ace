import { Button, Code, CopyButton, Group } from '@mantine/core';

/** A command for a terminal, to be copied. */
export function CommandLine({ command, label }: Readonly<{ command: string; label: string }>) {
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Code
        block
        flex={1}
        miw={0}
        aria-label={label}
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
      >
        {command}
      </Code>
      <CopyButton value={command}>
        {({ copied, copy }) => (
          <Button size="xs" variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
