import { Switch } from '@mantine/core';
import { useAction } from '../../client/engine.tsx';
import { showProblem } from '../../ui/state/show-problem.ts';

type Props = Readonly<{ name: string; path: readonly string[]; included: boolean }>;

/** Whether an agent or a volume is backed up, by the setting at `path`; takes effect at once. */
export function IncludeSwitch({ name, path, included }: Props) {
  const set = useAction('settings.set');
  return (
    <Switch
      aria-label={`Back up ${name}`}
      checked={included}
      disabled={set.isPending}
      onChange={({ currentTarget }) =>
        set.mutate({ path: [...path], value: currentTarget.checked }, { onError: showProblem })
      }
    />
  );
}
