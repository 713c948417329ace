import { Button, Group, List, Stack, Switch, Text } from '@mantine/core';
import { pauseEnd, pauses } from '../../../shared/lib/pause-end.ts';
import { clockText } from '../../../shared/lib/time-text.ts';
import { useAction, useCall } from '../../client/engine.tsx';
import { useFeature } from '../../client/use-feature.ts';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { useMinute } from '../../ui/text/Moment.tsx';
import { NumberField } from '../../ui/fields/NumberField.tsx';
import { type FieldNumber, isWithin, limitText } from '../../ui/fields/number-limits.ts';
import { showProblem } from '../../ui/state/show-problem.ts';
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
          if (isPaused) return <Paused until={pausedUntil} />;
          if (nextRuns.length === 0) return <Text>Nothing is planned.</Text>;
          return (
            <>
              <List aria-label="Next runs">
                {nextRuns.map((at) => (
                  <List.Item key={at}>{clockText(Date.parse(at), nowMs)}</List.Item>
                ))}
              </List>
              <PauseButtons />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Paused({ until }: Readonly<{ until: string | null }>) {
  const nowMs = useMinute();
  const resume = useAction('schedule.resume');
  return (
    <Group>
      <Text>
        Paused {until === null ? 'until you resume.' : `until ${clockText(Date.parse(until), nowMs)}.`}
      </Text>
      <Button
        variant="default"
        size="xs"
        loading={resume.isPending}
        onClick={() => resume.mutate({}, { onError: showProblem })}
      >
        Resume
      </Button>
    </Group>
  );
}

/** As in the tray, which not every desktop has, and no browser. */
function PauseButtons() {
  const pause = useAction('schedule.pause');
  return (
    <Group role="group" aria-label="Pause backups" gap="xs">
      <Text>Pause:</Text>
      {pauses.map(({ label, until }) => (
        <Button
          key={until}
          variant="default"
          size="xs"
          disabled={pause.isPending}
          onClick={() => {
            const end = pauseEnd(until, Date.now());
            pause.mutate(end === undefined ? {} : { until: end }, { onError: showProblem });
          }}
        >
          {label}
        </Button>
      ))}
    </Group>
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
