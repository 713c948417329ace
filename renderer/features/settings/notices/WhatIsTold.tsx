import { Group, Switch, TextInput } from '@mantine/core';
import { SavedSection } from '../SavedSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';
import { type Change, useDraft } from '../use-draft.ts';

const clockPattern = /^(?:[01]\d|2[0-3]):[0-5]\d$/u;
const usualHours = { from: '22:00', to: '07:00' };

/** What is told beside failures, which always are, and when nobody is to be disturbed. */
export function WhatIsTold({ settings: { notifications } }: PartProps) {
  const { firstSuccess, everySuccess, quietHours } = notifications;
  const { draft, set, discard } = useDraft({
    firstSuccess,
    everySuccess,
    isQuiet: quietHours !== undefined,
    ...(quietHours ?? usualHours),
  });
  const isWhole = !draft.isQuiet || (clockPattern.test(draft.from) && clockPattern.test(draft.to));
  const changes = (): readonly Change[] => {
    const hours = draft.isQuiet ? { from: draft.from, to: draft.to } : null;
    const isOther = JSON.stringify(hours) !== JSON.stringify(quietHours ?? null);
    return [
      ...(draft.firstSuccess === firstSuccess
        ? []
        : [{ path: ['notifications', 'firstSuccess'], value: draft.firstSuccess }]),
      ...(draft.everySuccess === everySuccess
        ? []
        : [{ path: ['notifications', 'everySuccess'], value: draft.everySuccess }]),
      ...(isOther ? [{ path: ['notifications', 'quietHours'], value: hours }] : []),
    ];
  };
  return (
    <SavedSection
      title="What is told"
      about="Failures are always told, once for each cause, and again when they get worse. Web hook and heartbeat never wait."
      isChanged={changes().length > 0}
      onDiscard={discard}
      changes={() => (isWhole ? changes() : undefined)}
    >
      <Switch
        label="Tell me of the first good backup"
        checked={draft.firstSuccess}
        onChange={({ currentTarget }) => set({ firstSuccess: currentTarget.checked })}
      />
      <Switch
        label="Tell me of every good backup"
        checked={draft.everySuccess}
        onChange={({ currentTarget }) => set({ everySuccess: currentTarget.checked })}
      />
      <Switch
        label="Quiet hours: notices on the desktop and by mail wait until they are over"
        checked={draft.isQuiet}
        onChange={({ currentTarget }) => set({ isQuiet: currentTarget.checked })}
      />
      {draft.isQuiet && (
        <Group align="flex-start">
          <Clock label="Quiet from" value={draft.from} onChange={(from) => set({ from })} />
          <Clock label="Quiet until" value={draft.to} onChange={(to) => set({ to })} />
        </Group>
      )}
    </SavedSection>
  );
}

function Clock({
  label,
  value,
  onChange,
}: Readonly<{ label: string; value: string; onChange: (value: string) => void }>) {
  return (
    <TextInput
      type="time"
      label={label}
      value={value}
      error={clockPattern.test(value) ? undefined : 'Choose a time such as 22:00.'}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
