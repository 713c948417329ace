import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAction, useCall } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { GroupCheck } from '../../kit/GroupCheck.tsx';
import { KitActions } from '../../kit/KitActions.tsx';

/** The sheet that opens the vault when this server is lost. It is not gone on without it. */
export function KitStep({
  recoveryKey,
  onNext,
}: Readonly<{ recoveryKey: string | undefined; onNext: () => void }>) {
  const [made, setMade] = useState(recoveryKey);
  const another = useAction('keys.newRecoveryKey');
  if (made !== undefined) return <Kit recoveryKey={made} onNext={onNext} />;
  return (
    <Section title="The recovery kit" isStep>
      <Stack gap="md">
        <Text maw={640}>
          The vault is made, and its recovery key was shown once. If you have printed or saved no sheet of it,
          make a new one; an earlier sheet goes on opening the vault.
        </Text>
        {another.error !== null && <ErrorNotice error={another.error} />}
        <Group>
          <Button
            loading={another.isPending}
            onClick={() => another.mutate({}, { onSuccess: (key) => setMade(key.recoveryKey) })}
          >
            Make a sheet
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}

function Kit({ recoveryKey, onNext }: Readonly<{ recoveryKey: string; onNext: () => void }>) {
  const sheet = useCall('keys.sheet', { recoveryKey });
  const note = useAction('setup.note');
  const [isKept, setKept] = useState(false);
  return (
    <Section
      title="The recovery kit"
      isStep
      about="It is shown only now. With this sheet and the vault everything can be restored; without it nothing, once this server is lost."
    >
      <Loaded query={sheet} what="Making the sheet">
        {({ html }) => (
          <Stack gap="lg">
            <KitActions html={html} onKept={() => setKept(true)} />
            {isKept ? (
              <GroupCheck
                recoveryKey={recoveryKey}
                label="Go on"
                onDone={() => note.mutate({ step: 'schedule' }, { onSuccess: onNext })}
              />
            ) : (
              <Text c="var(--page-quiet)">Print or save it, and keep it away from this server.</Text>
            )}
            {note.error !== null && <ErrorNotice error={note.error} />}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
