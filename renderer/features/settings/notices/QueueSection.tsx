import { Switch } from '@mantine/core';
import { useCall } from '../../../client/engine.tsx';
import { Said } from '../../../ui/state/Said.tsx';
import { SavedSection } from '../SavedSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';
import { useDraft } from '../use-draft.ts';
import { useSendTest } from './use-send-test.tsx';

/** Trinity's own list of what its operator has to do. */
export function QueueSection({ settings: { notifications } }: PartProps) {
  const { operatorQueue } = notifications;
  const { data } = useCall('notices.list', {});
  const queue = data?.sinks.find(({ name }) => name === 'queue');
  const { draft, isChanged, set, discard } = useDraft({ operatorQueue });
  const { button, outcome } = useSendTest('queue', operatorQueue);
  return (
    <SavedSection
      title="Trinity’s operator queue"
      about="One open item for each cause, closed when it is solved."
      isChanged={isChanged}
      onDiscard={discard}
      actions={button}
      changes={() => [{ path: ['notifications', 'operatorQueue'], value: draft.operatorQueue }]}
    >
      <Switch
        label="Write into the operator queue"
        checked={draft.operatorQueue}
        onChange={({ currentTarget }) => set({ operatorQueue: currentTarget.checked })}
      />
      {operatorQueue && queue?.reason !== undefined && <Said tone="attention">{queue.reason}</Said>}
      {outcome}
    </SavedSection>
  );
}
