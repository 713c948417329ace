import { Button, Code, Group, Stack, Switch } from '@mantine/core';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { useAction } from '../../../client/engine.tsx';
import { ConfirmButton } from '../../../ui/fields/ConfirmButton.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { showProblem } from '../../../ui/state/show-problem.ts';
import { StorageTest } from '../../places/StorageTest.tsx';
import { FactRow } from './FactRow.tsx';
import { FreeSpace } from './FreeSpace.tsx';
import { kindOf } from './place-names.ts';
import classes from '../Storage.module.css';
import { VerifyButton } from './VerifyButton.tsx';

type Copy = CallOutput<'copies.list'>[number];

/** A further place that holds the same backups. */
export function CopyCard({ copy }: Readonly<{ copy: Copy }>) {
  const { name, location, required, backups, packs, bytes, copiedAt } = copy;
  const set = useAction('settings.set');
  const isFolder = kindOf(location) === 'Folder';
  return (
    <Section
      title={`The copy ${name}`}
      about={
        <>
          {kindOf(location)} <Code className={classes['place']}>{location}</Code>
        </>
      }
    >
      <Stack gap="md">
        <CopyState copy={copy} />
        <FactRow
          facts={[
            ['Kept', `${countOf(backups, 'backup')}, ${sizeText(bytes)}`],
            ['Objects', countOf(packs, 'pack')],
            ['Last copied', copiedAt === null ? 'Not yet' : <Moment key="copied" at={copiedAt} />],
            ...(isFolder ? ([['Free', <FreeSpace key="free" folder={location} />]] as const) : []),
          ]}
        />
        <Switch
          label="Required: a backup stays in the vault until this copy has it, and the state says when it is behind"
          checked={required}
          onChange={({ currentTarget }) =>
            set.mutate(
              { path: ['copies', name, 'required'], value: currentTarget.checked },
              { onError: showProblem },
            )
          }
        />
        <CopyActions copy={copy} />
      </Stack>
    </Section>
  );
}

function CopyState({ copy: { lacks, problem, isRunning, enabled } }: Readonly<{ copy: Copy }>) {
  if (!enabled) return <Said tone="info">Nothing is copied to it: it is switched off.</Said>;
  if (isRunning) return <Said tone="info">It is being written just now.</Said>;
  if (problem !== null) return <Said tone="bad">{problem}</Said>;
  if (lacks === null)
    return <Said tone="info">Whether it has every backup is known when the vault can be asked.</Said>;
  return lacks === 0 ? (
    <Said tone="good">It has every backup.</Said>
  ) : (
    <Said tone="attention">It lacks {countOf(lacks, 'backup')}.</Said>
  );
}

function CopyActions({ copy: { name, location, isRunning } }: Readonly<{ copy: Copy }>) {
  const run = useAction('copies.run');
  const remove = useAction('copies.remove');
  return (
    <Group align="flex-start">
      <Button
        size="xs"
        variant="default"
        loading={run.isPending || isRunning}
        onClick={() => run.mutate({ name }, { onError: showProblem })}
      >
        Copy now
      </Button>
      <StorageTest question={{ location }} />
      <VerifyButton copy={name} />
      <ConfirmButton
        label="Remove"
        title={`Remove the copy ${name}?`}
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ name }, { onError: showProblem })}
      >
        Nothing is copied there any more. What lies at {location} stays there, and can be opened as a vault.
      </ConfirmButton>
    </Group>
  );
}
