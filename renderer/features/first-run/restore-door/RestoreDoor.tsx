import { Stack } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { StepRail } from '../../../ui/frame/StepRail.tsx';
import type { TypedValues } from './host-values.ts';
import { NewInstallPlan } from './NewInstallPlan.tsx';
import { OpenVault } from './OpenVault.tsx';
import { RestoredInstall } from './RestoredInstall.tsx';
import { RestoreWhere, type WhereDraft } from './RestoreWhere.tsx';
import { VaultContents } from './VaultContents.tsx';

export type Listed = CallOutput<'backups.list'>['backups'][number];

const labels = ['Vault', 'Backup', 'Where', 'Plan', 'Restore'] as const;
type Step = 'vault' | 'backup' | 'where' | 'plan' | 'restore';
const steps: readonly Step[] = ['vault', 'backup', 'where', 'plan', 'restore'];

/** From a vault and its key to a server on this machine. Nothing is touched before the plan's own button. */
export function RestoreDoor({ onBack }: Readonly<{ onBack: () => void }>) {
  const [step, setStep] = useState<Step>('vault');
  const [backup, setBackup] = useState<Listed>();
  const [where, setWhere] = useState<WhereDraft>();
  /** Some are secret: they are known to this page alone. */
  const [typed, setTyped] = useState<TypedValues>({});
  const [taskId, setTaskId] = useState<string>();
  const { backupId } = backup ?? {};
  return (
    <Stack gap="xl">
      <StepRail labels={labels} active={steps.indexOf(step)} />
      {step === 'vault' && <OpenVault onBack={onBack} onOpen={() => setStep('backup')} />}
      {step === 'backup' && (
        <VaultContents
          onBack={() => setStep('vault')}
          onChoose={(chosen) => {
            setBackup(chosen);
            setTyped({});
            setStep('where');
          }}
        />
      )}
      {step === 'where' && backupId !== undefined && (
        <RestoreWhere
          backupId={backupId}
          chosen={where}
          onBack={() => setStep('backup')}
          onNext={(chosen) => {
            setWhere(chosen);
            setStep('plan');
          }}
        />
      )}
      {step === 'plan' && backupId !== undefined && where !== undefined && (
        <NewInstallPlan
          {...{ backupId, where, typed }}
          onType={setTyped}
          onBack={() => setStep('where')}
          onStarted={(started) => {
            setTaskId(started);
            setStep('restore');
          }}
        />
      )}
      {step === 'restore' && backupId !== undefined && where !== undefined && taskId !== undefined && (
        <RestoredInstall
          key={taskId}
          {...{ backupId, folder: where.folder, taskId }}
          onAgain={() => setStep('where')}
        />
      )}
    </Stack>
  );
}
