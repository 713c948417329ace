import { Button, Group, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { RetentionSettings } from '../../../../shared/model/settings.ts';
import { useAction, useCall } from '../../../client/engine.tsx';
import { useFeature } from '../../../client/use-feature.ts';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { NumberField } from '../../../ui/fields/NumberField.tsx';
import { type FieldNumber, isWithin, limitText } from '../../../ui/fields/number-limits.ts';
import { Said } from '../../../ui/state/Said.tsx';
import { showSaved } from '../../../ui/state/show-saved.ts';
import { Section } from '../../../ui/frame/Section.tsx';
import { Sentence } from '../../../ui/fields/Sentence.tsx';
import { RetentionPreview } from './RetentionPreview.tsx';

type Draft = Readonly<Record<keyof RetentionSettings, FieldNumber>>;

const limits = {
  newest: { min: 1, max: 1000, unit: 'backups' },
  daily: { min: 0, max: 3650, unit: 'days' },
  weekly: { min: 0, max: 520, unit: 'weeks' },
  monthly: { min: 0, max: 240, unit: 'months' },
  maxAgeDays: { min: 1, max: 36_500, unit: 'days' },
} as const;

const names = ['newest', 'daily', 'weekly', 'monthly', 'maxAgeDays'] as const;

/** How long backups are kept, as a sentence, and what that would let go of today. */
export function RetentionSection() {
  const settings = useCall('settings.get', {});
  return (
    <Section
      title="How long backups are kept"
      about="A backup stays as long as any of these keeps it, for every part that it holds."
    >
      <Loaded query={settings} what="Reading the settings">
        {({ retention }) => <Rules key={JSON.stringify(retention)} saved={retention} />}
      </Loaded>
    </Section>
  );
}

function Rules({ saved }: Readonly<{ saved: RetentionSettings }>) {
  const [draft, setDraft] = useState<Draft>(saved);
  const isEntitled = useFeature('retention');
  const set = useAction('settings.set');
  const rules = wholeRules(draft);
  const [settled] = useDebouncedValue(rules, 300);
  const wrong = names.find((name) => !isWithin(draft[name], limits[name]));
  const isChanged = names.some((name) => draft[name] !== saved[name]);
  const field = (name: keyof Draft, label: string) => (
    <NumberField
      label={label}
      value={draft[name]}
      isWrong={!isWithin(draft[name], limits[name])}
      isDisabled={!isEntitled}
      onChange={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (rules !== undefined)
          set.mutate({ path: ['retention'], value: rules }, { onSuccess: () => showSaved() });
      }}
    >
      <Stack gap="md">
        {!isEntitled && (
          <Said tone="info">
            This edition keeps every backup until you delete it. With the enterprise edition old ones go by
            themselves.
          </Said>
        )}
        <Sentence problem={wrong === undefined ? undefined : limitText(limits[wrong])}>
          Keep the newest {field('newest', 'Newest backups')} backups, one a day for {field('daily', 'Days')}{' '}
          days, one a week for {field('weekly', 'Weeks')} weeks, one a month for {field('monthly', 'Months')}{' '}
          months, and after {field('maxAgeDays', 'Oldest in days')} days only the newest and the newest
          proven.
        </Sentence>
        {set.error !== null && <ErrorNotice error={set.error} />}
        <Group>
          <Button
            type="submit"
            loading={set.isPending}
            disabled={!isChanged || rules === undefined || !isEntitled}
          >
            Save
          </Button>
          {isChanged && (
            <Button variant="default" onClick={() => setDraft(saved)}>
              Discard
            </Button>
          )}
        </Group>
        {settled !== undefined && <RetentionPreview rules={settled} isSaved={!isChanged} />}
      </Stack>
    </form>
  );
}

function wholeRules(draft: Draft): RetentionSettings | undefined {
  const { newest, daily, weekly, monthly, maxAgeDays } = draft;
  if (!isWithin(newest, limits.newest) || !isWithin(daily, limits.daily) || !isWithin(weekly, limits.weekly))
    return undefined;
  if (!isWithin(monthly, limits.monthly) || !isWithin(maxAgeDays, limits.maxAgeDays)) return undefined;
  return { newest, daily, weekly, monthly, maxAgeDays };
}
