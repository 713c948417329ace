import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAction, useCall } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { NumberField } from '../../../ui/fields/NumberField.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { type FieldNumber, isWithin, limitText } from '../../../ui/fields/number-limits.ts';
import { Sentence } from '../../../ui/fields/Sentence.tsx';
import { useFeature } from '../../../client/use-feature.ts';

const limits = { min: 1, max: 168, unit: 'hours' } as const;

/** How often; the defaults are good. */
export function ScheduleStep({ onNext }: Readonly<{ onNext: () => void }>) {
  const settings = useCall('settings.get', {});
  return (
    <Loaded query={settings} what="Reading the settings">
      {({ scheduleHours }) => <HowOften before={scheduleHours} onNext={onNext} />}
    </Loaded>
  );
}

function HowOften({ before, onNext }: Readonly<{ before: number; onNext: () => void }>) {
  const [hours, setHours] = useState<FieldNumber>(before);
  const isEntitled = useFeature('schedule');
  const set = useAction('settings.set');
  const note = useAction('setup.note');
  const error = set.error ?? note.error;
  const goOn = async (): Promise<void> => {
    if (hours !== before) await set.mutateAsync({ path: ['scheduleHours'], value: hours });
    await note.mutateAsync({ step: 'backup' });
    onNext();
  };
  return (
    <Section title="How often?" isStep>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // What goes wrong is shown by the calls themselves.
          if (isWithin(hours, limits)) goOn().catch(() => undefined);
        }}
      >
        <Stack gap="md">
          {!isEntitled ? (
            <Said tone="info">
              This edition backs up when you ask for it, and not by a schedule. Everything that is backed up
              can always be restored.
            </Said>
          ) : (
            <Sentence problem={isWithin(hours, limits) ? undefined : limitText(limits)}>
              Back up every
              <NumberField label="Hours between backups" value={hours} onChange={setHours} />
              hours, and rehearse a restore every week.
            </Sentence>
          )}
          <Text c="var(--page-quiet)" maw={640}>
            Agents go on working: each is paused for a moment, for what has changed. The newest 10 backups are
            kept, one a day for 14 days, one a week for 8 weeks, one a month for 6 months. All of it can be
            changed later.
          </Text>
          {error !== null && <ErrorNotice error={error} />}
          <Group>
            <Button
              type="submit"
              loading={set.isPending || note.isPending}
              disabled={!isWithin(hours, limits)}
            >
              Make the first backup
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
