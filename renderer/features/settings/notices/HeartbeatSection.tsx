import { AddressSection } from './AddressSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';

/** Somebody else who notices when nothing comes any more. */
export function HeartbeatSection({ settings: { notifications } }: PartProps) {
  return (
    <AddressSection
      title="Heartbeat"
      about="A service that raises an alarm when it hears nothing: asked for at each backup, with /start before and /fail after a failure. Empty: off."
      label="Address of the heartbeat"
      placeholder="https://hc-ping.com/your-id"
      name="heartbeat"
      stored={notifications.heartbeat?.url}
    />
  );
}
