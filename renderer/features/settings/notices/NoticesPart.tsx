import { Stack } from '@mantine/core';
import { HeartbeatSection } from './HeartbeatSection.tsx';
import { MailSection } from './MailSection.tsx';
import { QueueSection } from './QueueSection.tsx';
import type { PartProps } from '../SettingsPage.tsx';
import { WebhookSection } from './WebhookSection.tsx';
import { WhatIsTold } from './WhatIsTold.tsx';

/** Who is told, when, and how. */
export function NoticesPart({ settings }: PartProps) {
  return (
    <Stack gap="lg">
      <WhatIsTold settings={settings} />
      <WebhookSection settings={settings} />
      <MailSection settings={settings} />
      <HeartbeatSection settings={settings} />
      <QueueSection settings={settings} />
    </Stack>
  );
}
