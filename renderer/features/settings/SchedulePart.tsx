import { List, Stack, Switch, Text } from '@mantine/core';
import { clockText } from '../../../shared/lib/time-text.ts';
import { useCall } from '../../client/engine.tsx';
import { useFeature } from '../../client/use-feature.ts';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { useMinute } from '../../ui/text/Moment.tsx';
import { NumberField } from '../../ui/fields/NumberField.tsx';
import { type FieldNumber, isWithin, limitText } from '../../ui/fields/number-limits.ts';
import { Said } from '../../ui/state/Said.tsx';
import { Section } from '../../ui/frame/Section.tsx';
import { Sentence } from '../../ui/fields/Sentence.tsx';
import { SavedSection } from './SavedSection.tsx';
import type { PartProps } from './SettingsPage.tsx';
import { type Change, useDraft } from './use-draft.ts';

const hourLimits = { min: 1, max: 168, unit: 'hours' } as const;
const drillLimits = { min: 1, max: 90, unit: 'days' } as const;

/** When backups and rehearsals are made by themselves. */
export function SchedulePart({ settings }: PartProps) {
  return (
    <Stack gap="lg">
      <BackupTimes settings={settings} />
      <NextRuns />
      <Rehearsals settings={settings} />
    </Stack>
  );
}

const timeNames = ['enabled', 'scheduleHours', 'onStartup', 'onShutdown'] as const;
type TimesDraft = Readonly<{
  enabled: boolean;
  scheduleHours: FieldNumber;
  onStartup: boolean;
  onShutdown: boolean;
}>;

function changesOf(stored: PartProps['settings'], draft: TimesDraft): readonly Change[] {
  return timeNames.flatMap((name) =>
    draft[name] === stored[name] ? [] : [{ path: [name], value: draft[name] }],
  );
}

function BackupTimes({ settings }: PartProps) {
  const isEntitled = useFeature('schedule');
  const { enabled, scheduleHours, onStartup, onShutdown } = settings;
  const { draft, isChanged, set, discard } = useDraft<TimesDraft>({
    enabled,
    scheduleHours,
    onStartup,
    onShutdown,
  });
  const isWhole = isWithin(draft.scheduleHours, hourLimits);
  return (
    <SavedSection
      title="Backups"
      isChanged={isChanged}
      onDiscard={discard}
      changes={() => (isWhole ? changesOf(settings, draft) : undefined)}
    >
      {!isEntitled && (
        <Said tone="info">
          This edition backs up when you ask for it. Backups by a schedule are of the enterprise edition; what
          is backed up can always be restored.
        </Said>
      )}
      <Switch
        label="Back up automatically"
        checked={draft.enabled}
        onChange={({ currentTarget }) => set({ enabled: currentTarget.checked })}
      />
      <Sentence problem={isWhole ? undefined : limitText(hourLimits)}>
        Back up every
        <NumberField
          label="Hours between backups"
          value={draft.scheduleHours}
          isWrong={!isWhole}
          isDisabled={!isEntitled}
          onChange={(hours) => set({ scheduleHours: hours })}
        />
        hours, counted from the last good backup.
      </Sentence>
      <Switch
        label="Also when Trinity Backup starts"
        checked={draft.onStartup}
        onChange={({ currentTarget }) => set({ onStartup: currentTarget.checked })}
      />
      <Switch
        label="Also when it ends: for 20 seconds at most, and only when the last good backup is over an hour old"
        checked={draft.onShutdown}
        onChange={({ currentTarget }) => set({ onShutdown: currentTarget.checked })}
      />
    </SavedSection>
  );
}

function NextRuns() {
  const query = useCall('schedule.get', {});
  const nowMs = useMinute();
  return (
    <Section title="Next runs">
      <Loaded query={query} what="Looking what is planned">
        {({ nextRuns, isPaused, pausedUntil }) => {
          if (isPaused)
            return (
              <Text>
                Paused{' '}
                {pausedUntil === null
                  ? 'until you resume.'
                  : `until ${clockText(Date.parse(pausedUntil), nowMs)}.`}
              </Text>
            );
          if (nextRuns.length === 0) return <Text>Nothing is planned.</Text>;
          return (
            <List aria-label="Next runs">
              {nextRuns.map((at) => (
                <List.Item key={at}>{clockText(Date.parse(at), nowMs)}</List.Item>
              ))}
            </List>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Rehearsals({ settings: { drill } }: PartProps) {
  const isEntitled = useFeature('drills');
  const { draft, isChanged, set, discard } = useDraft<Readonly<{ enabled: boolean; everyDays: FieldNumber }>>(
    {
      enabled: drill.enabled,
      everyDays: drill.everyDays,
    },
  );
  const isWhole = isWithin(draft.everyDays, drillLimits);
  return (
    <SavedSection
      title="Rehearsals"
      about="A rehearsal restores the database and some agents to a scratch place, checks them and throws them away."
      isChanged={isChanged}
      onDiscard={discard}
      changes={() =>
        isWhole
          ? [
              ...(draft.enabled === drill.enabled
                ? []
                : [{ path: ['drill', 'enabled'], value: draft.enabled }]),
              ...(draft.everyDays === drill.everyDays
                ? []
                : [{ path: ['drill', 'everyDays'], value: draft.everyDays }]),
            ]
          : undefined
      }
    >
      {!isEntitled && <Said tone="info">Rehearsals by a schedule are of the enterprise edition.</Said>}
      <Switch
        label="Rehearse automatically"
        checked={draft.enabled}
        disabled={!isEntitled}
        onChange={({ currentTarget }) => set({ enabled: currentTarget.checked })}
      />
      <Sentence problem={isWhole ? undefined : limitText(drillLimits)}>
        Rehearse every
        <NumberField
          label="Days between rehearsals"
          value={draft.everyDays}
          isWrong={!isWhole}
          isDisabled={!isEntitled}
          onChange={(days) => set({ everyDays: days })}
        />
        days.
      </Sentence>
    </SavedSection>
  );
}
