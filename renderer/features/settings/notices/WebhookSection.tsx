import { AddressSection } from './AddressSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';
import { useSendTest } from './use-send-test.tsx';

/** A web service that is sent each notice. */
export function WebhookSection({ settings: { notifications } }: PartProps) {
  const url = notifications.webhook?.url;
  const { button, outcome } = useSendTest('webhook', url !== undefined);
  return (
    <AddressSection
      title="Web hook"
      about="Each notice is sent there as JSON. Empty: off."
      label="Address of the web hook"
      placeholder="https://example.com/hook"
      name="webhook"
      stored={url}
      actions={button}
    >
      {outcome}
    </AddressSection>
  );
}
