import { Code, Group, Stack, Table, Text } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { useAction, useCall } from '../../../client/engine.tsx';
import { ConfirmButton } from '../../../ui/fields/ConfirmButton.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { showProblem } from '../../../ui/state/show-problem.ts';
import { LoadedWhenOpen } from '../LoadedWhenOpen.tsx';
import { AddPassphrase } from './AddPassphrase.tsx';
import { NewKit } from './NewKit.tsx';
import classes from '../Storage.module.css';

type Key = CallOutput<'keys.list'>['keys'][number];

const kindNames: Readonly<Record<Key['kind'], string>> = {
  passphrase: 'Passphrase',
  recovery: 'Recovery key',
  device: 'Key of a computer',
};

/** What opens the vault. */
export function KeysSection() {
  const keys = useCall('keys.list', {});
  return (
    <Section
      title="Keys"
      about="Each of them opens the vault. The recovery key and passphrases open it on any computer."
    >
      <LoadedWhenOpen query={keys} what="Reading the keys">
        {(list) => (
          <Stack gap="md">
            <KeyTable keys={list.keys} />
            <Group align="flex-start">
              <AddPassphrase />
              <NewKit />
              <Rotate />
            </Group>
          </Stack>
        )}
      </LoadedWhenOpen>
    </Section>
  );
}

function KeyTable({ keys }: Readonly<{ keys: readonly Key[] }>) {
  const remove = useAction('keys.remove');
  const portable = keys.filter(({ kind }) => kind !== 'device').length;
  return (
    <Table verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Key</Table.Th>
          <Table.Th>Id</Table.Th>
          <Table.Th>Made</Table.Th>
          <Table.Th className={classes['whole']}>Last used here</Table.Th>
          <Table.Th aria-label="Remove" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => {
          const isLast = key.kind !== 'device' && portable === 1;
          return (
            <Table.Tr key={key.id}>
              <Table.Td className={classes['whole']}>
                {kindNames[key.kind]}
                {key.openedThis && ' (in use)'}
              </Table.Td>
              <Table.Td>
                <Code>{key.id.slice(0, 8)}</Code>
              </Table.Td>
              <Table.Td className={classes['whole']}>
                <Moment at={key.created} />
              </Table.Td>
              <Table.Td className={classes['whole']}>
                {key.lastUsedAt === null ? 'Not known' : <Moment at={key.lastUsedAt} />}
              </Table.Td>
              <Table.Td ta="right">
                {isLast || key.openedThis ? (
                  <Text size="xs" c="var(--page-quiet)">
                    {isLast ? 'Stays: the last one for other computers' : 'Stays: this computer uses it'}
                  </Text>
                ) : (
                  <ConfirmButton
                    label="Remove"
                    title={`Remove the ${kindNames[key.kind].toLowerCase()} ${key.id.slice(0, 8)}?`}
                    onConfirm={() => remove.mutate({ keyId: key.id }, { onError: showProblem })}
                  >
                    It opens the vault no more. Whoever has this key and a copy of the vault as it is today
                    can still read that copy; “Change the master key” afterwards shuts them out of what is
                    new.
                  </ConfirmButton>
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

function Rotate() {
  const rotate = useAction('keys.rotate');
  return (
    <ConfirmButton
      label="Change the master key"
      title="Change the master key?"
      isPending={rotate.isPending}
      onConfirm={() => rotate.mutate({}, { onError: showProblem })}
    >
      New data is sealed with a new key, which all keys of this list open. Keys that were removed before do
      not open it. What is in the vault already stays as it is.
    </ConfirmButton>
  );
}
