import { Button, Group, Stack, Text } from '@mantine/core';
import { useAction } from '../../client/engine.tsx';
import { useHost } from '../../client/host.tsx';
import { CommandLine } from '../../ui/text/CommandLine.tsx';
import { ConfirmButton } from '../../ui/fields/ConfirmButton.tsx';
import { ErrorNotice } from '../../ui/state/ErrorNotice.tsx';
import { Said } from '../../ui/state/Said.tsx';
import { Section } from '../../ui/frame/Section.tsx';

/** The way in for programs. The token is shown when it is asked for. */
export function ApiSection() {
  const { kind } = useHost();
  const token = useAction('api.token');
  return (
    <Section title="API" about="For programs on this server: backups, restores, state and figures over HTTP.">
      <Stack gap="md">
        {kind === 'browser' ? (
          <Text>
            Address: <code>{window.location.origin}</code>. All calls are described at{' '}
            <code>/openapi.json</code>, figures for Prometheus are at <code>/metrics</code>.
          </Text>
        ) : (
          <Text>
            The command <code>trinity-backup serve</code> answers programs and browsers; it prints its
            address.
          </Text>
        )}
        {token.data !== undefined && <CommandLine label="The token" command={token.data.token} />}
        {token.data !== undefined && token.variables.isNew && kind === 'browser' && (
          <Said tone="info">
            The old token opens nothing any more, and this page neither: open it again with the link that{' '}
            <code>trinity-backup link</code> prints.
          </Said>
        )}
        {token.error !== null && <ErrorNotice error={token.error} />}
        <Group>
          {token.data === undefined && (
            <Button
              size="xs"
              variant="default"
              loading={token.isPending}
              onClick={() => token.mutate({ isNew: false })}
            >
              Show the token
            </Button>
          )}
          <ConfirmButton
            label="Make a new token"
            title="Make a new token?"
            isPending={token.isPending}
            onConfirm={() => token.mutate({ isNew: true })}
          >
            Programs that use the old one are refused from now on, and browsers have to open a new link: this
            page too.
          </ConfirmButton>
        </Group>
      </Stack>
    </Section>
  );
}
