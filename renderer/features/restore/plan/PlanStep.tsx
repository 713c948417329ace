import { Alert, Button, Checkbox, Group, Radio, Stack } from '@mantine/core';
import type { CallInput } from '../../../../shared/ipc/contract.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { useAction, useLiveRuns } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { type Choice, restoredNameOf, type What } from '../choice.ts';
import classes from '../Restore.module.css';
import { type Earlier, NoPlan } from './NoPlan.tsx';
import { PlanProgress } from './PlanProgress.tsx';
import { PlanSentences } from './PlanSentences.tsx';
import { StepHeading } from '../../../ui/frame/StepHeading.tsx';
import { useFreeWriter } from './use-free-writer.ts';
import { usePlan } from './use-plan.ts';

type Props = Readonly<{
  what: What;
  choice: Choice;
  request: CallInput<'restore.plan'>;
  onChange: (more: Partial<Choice>) => void;
  /** Back to an earlier step. */
  onGo: (step: Earlier) => void;
  onStarted: (taskId: string) => void;
}>;

/** What would happen, in words and numbers; its button is the first thing that changes anything. */
export function PlanStep({ what, choice, request, onChange, onGo, onStarted }: Props) {
  const { planning, again } = usePlan(request);
  return (
    <Stack gap="lg">
      <StepHeading takesFocus>What will happen</StepHeading>
      {planning.state === 'working' && <PlanProgress progress={planning.progress} />}
      {planning.state === 'failed' && <NoPlan error={planning.error} onAgain={again} onGo={onGo} />}
      {planning.state === 'done' && (
        <>
          <PlanSentences plan={planning.plan} />
          <Choices plan={planning.plan} choice={choice} onChange={onChange} />
          <Start
            name={restoredNameOf(what, choice.where)}
            request={request}
            plan={planning.plan}
            onStarted={onStarted}
          />
        </>
      )}
    </Stack>
  );
}

function Choices({
  plan,
  choice,
  onChange,
}: Readonly<{ plan: RestorePlan; choice: Choice; onChange: Props['onChange'] }>) {
  const { quiet, keys } = plan;
  return (
    <>
      {quiet !== null && (
        <Checkbox
          label="Start quietly: schedules and waiting runs stay off until you turn them on"
          checked={quiet.isOn}
          onChange={({ currentTarget }) => onChange({ startQuietly: currentTarget.checked })}
        />
      )}
      {keys?.state === 'held' && plan.destination.way === 'in-place' && (
        <Radio.Group
          label="The key of the credentials in this backup"
          value={keys.choice}
          onChange={(value) => onChange(keyChoices[value] ?? {})}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="secondary" label="Add it to .env as the secondary key: Trinity reads old and new" />
            <Radio value="config" label="Restore .env and the configuration, too" />
            <Radio value="leave" label="Leave .env alone: these credentials cannot be read" />
          </Stack>
        </Radio.Group>
      )}
      {choice.withConfig && (
        <Checkbox
          label="Restore .env and the configuration, too"
          checked
          onChange={() => onChange({ withConfig: false })}
        />
      )}
      {choice.withoutSafetyBackup && plan.destination.way === 'in-place' && (
        <Checkbox
          label="Restore without a safety backup"
          checked
          onChange={() => onChange({ withoutSafetyBackup: false })}
        />
      )}
    </>
  );
}

const keyChoices: Readonly<Record<string, Partial<Choice>>> = {
  secondary: { keys: 'secondary' },
  leave: { keys: 'leave' },
  config: { withConfig: true },
};

type StartProps = Pick<Props, 'request' | 'onStarted'> & Readonly<{ name: string; plan: RestorePlan }>;

function Start({ name, request, plan, onStarted }: StartProps) {
  const start = useAction('restore.start');
  const { free, isFreeing } = useFreeWriter();
  const busy = [...useLiveRuns().values()].find((run) => writers.includes(run.what));
  const isInWay = busy !== undefined && plan.destination.way !== 'to';
  const restore = async (): Promise<void> => {
    if (isInWay) await free();
    start.mutate(request, { onSuccess: ({ taskId }) => onStarted(taskId) });
  };
  return (
    <Stack gap="sm" align="flex-start">
      {isInWay && (
        <Alert variant="light" color="blue" role="status">
          {busyWords[busy.what] ?? 'Something else'} is running. It is cancelled first, and nothing of it is
          kept.
        </Alert>
      )}
      {start.error !== null && <ErrorNotice error={start.error} />}
      <Group>
        <Button
          classNames={{ root: classes['deed'], label: classes['deedLabel'] }}
          loading={start.isPending || isFreeing}
          onClick={() => void restore()}
        >
          {isInWay ? 'Cancel it and restore' : 'Restore'} {name} from&nbsp;
          <Moment at={plan.timestamp} />
        </Button>
      </Group>
    </Stack>
  );
}

const writers: readonly string[] = ['backup', 'restore', 'change'];
const busyWords: Readonly<Record<string, string>> = {
  backup: 'A backup',
  restore: 'Another restore',
  change: 'A change of the vault',
};
