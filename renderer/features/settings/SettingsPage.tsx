import { Tabs } from '@mantine/core';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { addressOf } from '../../app/routes.ts';
import { useRoute } from '../../app/use-route.ts';
import { useCall } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Page } from '../../ui/frame/Page.tsx';
import { ApiSection } from './ApiSection.tsx';
import { EditionSection } from './EditionSection.tsx';
import { ExclusionsSection } from './ExclusionsSection.tsx';
import { GeneralSection } from './GeneralSection.tsx';
import { NoticesPart } from './notices/NoticesPart.tsx';
import { ObjectivesSection } from './ObjectivesSection.tsx';
import { SchedulePart } from './SchedulePart.tsx';

/** What a part of the page is given: the settings as they are stored. */
export type PartProps = Readonly<{ settings: CallOutput<'settings.get'> }>;

const parts = [
  { name: 'general', label: 'General', View: GeneralSection },
  { name: 'schedule', label: 'Schedule', View: SchedulePart },
  { name: 'notices', label: 'Notices', View: NoticesPart },
  { name: 'objectives', label: 'Objectives', View: ObjectivesSection },
  { name: 'exclusions', label: 'Exclusions', View: ExclusionsSection },
  { name: 'api', label: 'API', View: ApiSection },
  { name: 'edition', label: 'Edition', View: EditionSection },
] as const;

/** Everything that can be chosen. Each part is saved by its own button, and holds at once. */
export function SettingsPage() {
  const { parameters } = useRoute();
  const settings = useCall('settings.get', {});
  const asked = parameters.get('part');
  const shown = parts.find(({ name }) => name === asked) ?? parts[0];
  return (
    <Page title="Settings">
      <Tabs
        value={shown.name}
        keepMounted={false}
        onChange={(name) => void (window.location.hash = addressOf('settings', { part: name ?? 'general' }))}
      >
        <Tabs.List>
          {parts.map(({ name, label }) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {parts.map(({ name, View }) => (
          <Tabs.Panel key={name} value={name} pt="lg">
            <Loaded query={settings} what="Reading the settings">
              {(stored) => <View settings={stored} />}
            </Loaded>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
