import { Anchor, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '../../app/routes.ts';
import { useRoute } from '../../app/use-route.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { OptionRow } from '../restore/OptionRow.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { Protect } from './protect-door/Protect.tsx';
import { Section } from '../../ui/frame/Section.tsx';
import { FinishInstall } from './restore-door/FinishInstall.tsx';
import { RestoreDoor } from './restore-door/RestoreDoor.tsx';

type Door = 'ask' | 'protect' | 'restore';

/** From nothing to the first proven backup, or from a backup to a running server. What was begun is gone on with. */
export function FirstRunPage() {
  const { parameters } = useRoute();
  const progress = useCall('setup.get', {});
  return (
    <Page
      title="Set up Trinity Backup"
      actions={
        <Anchor href={addressOf('overview')} size="sm">
          Look around first
        </Anchor>
      }
    >
      {parameters.has('finish') ? (
        <Section
          title="Finish the restored server"
          about="What can be done by now is done, and then it is said what comes next. Nothing is done twice."
        >
          <FinishInstall />
        </Section>
      ) : (
        <Loaded query={progress} what="Looking what is set up">
          {({ step }) => <Doors isBegun={step !== null} />}
        </Loaded>
      )}
    </Page>
  );
}

function Doors({ isBegun }: Readonly<{ isBegun: boolean }>) {
  const [door, setDoor] = useState<Door>(isBegun ? 'protect' : 'ask');
  const note = useAction('setup.note');
  if (door === 'protect') {
    return (
      <Protect
        onBack={() => setDoor('ask')}
        onDone={() =>
          note.mutate(
            { step: null },
            { onSettled: () => void (window.location.hash = addressOf('overview')) },
          )
        }
      />
    );
  }
  if (door === 'restore') return <RestoreDoor onBack={() => setDoor('ask')} />;
  return (
    <Stack gap="lg">
      <Text maw={640}>
        Trinity Backup keeps a Trinity server so that it can be had back: its database, every agent&rsquo;s
        files and its configuration, encrypted, in a place that you choose. What do you want to do?
      </Text>
      <Stack gap="sm">
        <OptionRow title="Protect this server" onChoose={() => setDoor('protect')}>
          Find Trinity here, choose where backups go, and make the first one. About three minutes
        </OptionRow>
        <OptionRow title="Restore from a backup I have" onChoose={() => setDoor('restore')}>
          Open an existing vault with its key, and bring a server back on this machine
        </OptionRow>
      </Stack>
    </Stack>
  );
}
