import { Stack, Text } from '@mantine/core';
import type { EntitledFeature } from '../../../shared/model/entitlement.ts';
import { useCall } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Said } from '../../ui/state/Said.tsx';
import { Section } from '../../ui/frame/Section.tsx';

const names: Readonly<Record<EntitledFeature, string>> = {
  schedule: 'Backups by a schedule',
  retention: 'Old backups go by themselves, by rules',
  'off-host': 'Writing to buckets',
  drills: 'Rehearsals',
  'rest-writes': 'Making and deleting backups over the API',
};

const always = [
  'Backups by hand into folders, encrypted',
  'Restoring everything, from any storage, by every way',
  'Verifying, the first proof, recovery kit and keys',
];

/** What this edition does. Restoring is never locked. */
export function EditionSection() {
  const query = useCall('entitlements.get', {});
  return (
    <Section title="Edition">
      <Loaded query={query} what="Looking which edition this is">
        {({ edition, features }) => (
          <Stack gap="sm">
            <Text fw={600}>{edition === 'enterprise' ? 'Enterprise edition' : 'Open edition'}</Text>
            {always.map((words) => (
              <Said key={words} tone="good">
                {words}
              </Said>
            ))}
            {features.map(({ feature, isEntitled }) => (
              <Said key={feature} tone={isEntitled ? 'good' : 'info'}>
                {names[feature]}
                {!isEntitled && ': not in this edition'}
              </Said>
            ))}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
