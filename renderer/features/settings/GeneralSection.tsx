import { SegmentedControl, Stack, Switch, Text, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PageHost } from '../../../shared/ipc/host.ts';
import { useCall } from '../../client/engine.tsx';
import { useHost } from '../../client/host.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { Section } from '../../ui/frame/Section.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';

const schemes = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

/** What concerns this window and this computer alone, and is no setting of backups: it holds as soon as it is chosen. */
export function GeneralSection() {
  const { startAtLogin } = useHost();
  const home = useCall('home.get', {});
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <Stack gap="lg">
      <Section title="Look">
        <div>
          <SegmentedControl
            aria-label="Theme"
            data={[...schemes]}
            value={colorScheme}
            transitionDuration={0}
            onChange={(value) =>
              setColorScheme(schemes.find((scheme) => scheme.value === value)?.value ?? 'auto')
            }
          />
        </div>
      </Section>
      <Section title="Start">
        {startAtLogin === undefined ? (
          <Text>
            These pages are shown by the service <code>trinity-backup serve</code>: it backs up for as long as
            it runs. Let the system start it, so that backups go on after a restart.
          </Text>
        ) : (
          <LoginSwitch startAtLogin={startAtLogin} />
        )}
      </Section>
      <Section title="About">
        <Loaded query={home} what="Looking which version this is">
          {({ version, home: folder }) => (
            <Text>
              Trinity Backup {version}. Settings, keys and history lie in <code>{folder}</code>.
            </Text>
          )}
        </Loaded>
      </Section>
    </Stack>
  );
}

function LoginSwitch({ startAtLogin }: Readonly<{ startAtLogin: NonNullable<PageHost['startAtLogin']> }>) {
  const queries = useQueryClient();
  const key = ['host.startAtLogin'];
  const isOn = useQuery({ queryKey: key, queryFn: startAtLogin.read });
  const set = useMutation({
    mutationFn: startAtLogin.set,
    onError: showProblem,
    onSettled: async () => await queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Switch
      label="Start at login, without a window"
      checked={isOn.data ?? false}
      disabled={isOn.data === undefined || set.isPending}
      onChange={({ currentTarget }) => set.mutate(currentTarget.checked)}
    />
  );
}
