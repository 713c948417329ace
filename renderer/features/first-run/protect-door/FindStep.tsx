import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CallInput } from '../../../../shared/ipc/contract.ts';
import { useAction, useCall } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { FolderField, isWholePath } from '../../../ui/fields/FolderField.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { Found } from './Found.tsx';
import { ProbeLines } from './ProbeLines.tsx';

type Question = CallInput<'setup.probe'>;
type Props = Readonly<{ onBack: () => void; onNext: () => void }>;

/** Which Trinity it is, and whether all of it can be read. */
export function FindStep({ onBack, onNext }: Props) {
  const [question, setQuestion] = useState<Question>({});
  const probe = useCall('setup.probe', question);
  const set = useAction('install.set');
  const sample = useAction('setup.sample');
  const useSample = (): void =>
    sample.mutate(
      {},
      { onSuccess: ({ installFolder: folder, volumesRoot }) => setQuestion({ folder, volumesRoot }) },
    );
  return (
    <Stack gap="lg">
      <Section title="Is this the server?" isStep>
        <Loaded query={probe} what="Looking for Trinity and Docker">
          {(seen) => (
            <Stack gap="md">
              {seen.report === null ? (
                <Said tone="attention">
                  <span role="status">{seen.problem}</span>
                </Said>
              ) : (
                <Found report={seen.report} dataBytes={seen.dataBytes} />
              )}
              <ProbeLines probe={seen} onAgain={() => void probe.refetch()} />
              {set.error !== null && <ErrorNotice error={set.error} />}
              <Group>
                <Button
                  disabled={seen.report === null || probe.isFetching}
                  loading={set.isPending}
                  onClick={() => set.mutate(question, { onSuccess: onNext })}
                >
                  Protect this Trinity
                </Button>
                <Button variant="default" onClick={onBack}>
                  Back
                </Button>
              </Group>
            </Stack>
          )}
        </Loaded>
      </Section>
      <Elsewhere key={question.folder ?? ''} question={question} onLook={setQuestion} />
      <Text c="var(--page-quiet)">
        No Trinity here?{' '}
        <Anchor component="button" type="button" inherit onClick={useSample} disabled={sample.isPending}>
          Try with a sample
        </Anchor>{' '}
        of some megabytes, in a folder of its own.
      </Text>
      {sample.error !== null && <ErrorNotice error={sample.error} />}
    </Stack>
  );
}

function Elsewhere({
  question,
  onLook,
}: Readonly<{ question: Question; onLook: (question: Question) => void }>) {
  const [folder, setFolder] = useState(question.folder ?? '');
  const [volumesRoot, setVolumesRoot] = useState(question.volumesRoot ?? '');
  const [dockerHost, setDockerHost] = useState(question.dockerHost ?? '');
  const named = Object.entries({ folder, volumesRoot, dockerHost }).filter(([, value]) => value !== '');
  const isReady =
    (isWholePath(folder) || (folder === '' && dockerHost !== '')) &&
    (volumesRoot === '' || isWholePath(volumesRoot));
  return (
    <Section title="Or is it elsewhere?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onLook(Object.fromEntries(named));
        }}
      >
        <Stack gap="sm">
          <FolderField
            label="Folder of Trinity"
            description="The checkout, which holds .env"
            placeholder="/opt/trinity"
            value={folder}
            onChange={setFolder}
          />
          <FolderField
            label="Folder of Docker’s volumes (only where Docker does not run here)"
            placeholder="/var/lib/docker/volumes"
            value={volumesRoot}
            onChange={setVolumesRoot}
          />
          <TextInput
            label="Address of Docker (only where it is not found by itself)"
            placeholder="unix:///run/user/1000/docker.sock"
            value={dockerHost}
            maxLength={4096}
            onChange={({ currentTarget }) => setDockerHost(currentTarget.value.trim())}
          />
          <Group>
            <Button type="submit" variant="default" disabled={!isReady}>
              Look there
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
