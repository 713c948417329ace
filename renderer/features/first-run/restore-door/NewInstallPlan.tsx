import { Button, Group, Stack } from '@mantine/core';
import type { CallInput } from '../../../../shared/ipc/contract.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Moment } from '../../../ui/text/Moment.tsx';
import { Section } from '../../../ui/frame/Section.tsx';
import { PlanProgress } from '../../restore/plan/PlanProgress.tsx';
import { PlanSentences } from '../../restore/plan/PlanSentences.tsx';
import { usePlan } from '../../restore/plan/use-plan.ts';
import { HostValueFields } from './HostValueFields.tsx';
import { changedValues, type TypedValues } from './host-values.ts';
import type { WhereDraft } from './RestoreWhere.tsx';

type Props = Readonly<{
  backupId: string;
  where: WhereDraft;
  typed: TypedValues;
  onType: (typed: TypedValues) => void;
  onBack: () => void;
  onStarted: (taskId: string) => void;
}>;

/** What will be built, in words; what this server has other values for is asked, and the button is the first thing that changes anything. */
export function NewInstallPlan({ backupId, where, typed, onType, onBack, onStarted }: Props) {
  const { planning, again } = usePlan(requestOf(backupId, where, {}));
  const start = useAction('restore.start');
  const build = (plan: RestorePlan): void =>
    start.mutate(requestOf(backupId, where, changedValues(plan.hostValues, typed)), {
      onSuccess: ({ taskId }) => onStarted(taskId),
    });
  if (planning.state === 'working')
    return (
      <Planned actions={<Back onBack={onBack} />}>{<PlanProgress progress={planning.progress} />}</Planned>
    );
  if (planning.state === 'failed')
    return (
      <Planned actions={<Back label="Choose another place" onBack={onBack} />}>
        {<ErrorNotice error={planning.error} onRetry={again} />}
      </Planned>
    );
  const { plan } = planning;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        build(plan);
      }}
    >
      <Planned
        actions={
          <>
            <Button type="submit" loading={start.isPending}>
              Restore the server from&nbsp;
              <Moment at={plan.timestamp} />
            </Button>
            <Back onBack={onBack} />
          </>
        }
      >
        {/* The values have fields of their own. */}
        <PlanSentences plan={{ ...plan, hostValues: [] }} />
        <HostValueFields known={plan.hostValues} typed={typed} onChange={onType} />
        {start.error !== null && <ErrorNotice error={start.error} />}
      </Planned>
    </form>
  );
}

function Planned({ children, actions }: Readonly<{ children: React.ReactNode; actions: React.ReactNode }>) {
  return (
    <Section title="What will happen" isStep>
      <Stack gap="lg">
        {children}
        <Group>{actions}</Group>
      </Stack>
    </Section>
  );
}

function Back({ label = 'Back', onBack }: Readonly<{ label?: string; onBack: () => void }>) {
  return (
    <Button variant="default" onClick={onBack}>
      {label}
    </Button>
  );
}

function requestOf(
  backupId: string,
  { folder, volumesRoot, startQuietly }: WhereDraft,
  hostValues: TypedValues,
): CallInput<'restore.plan'> {
  return {
    backupId,
    destination: {
      way: 'new-install',
      folder,
      ...(volumesRoot === '' ? {} : { volumesRoot }),
      ...(Object.keys(hostValues).length === 0 ? {} : { hostValues }),
    },
    safetyBackup: false,
    startQuietly,
  };
}
