import { Stack } from '@mantine/core';
import { useState } from 'react';
import type { SetupStep } from '../../../../shared/model/setup-step.ts';
import { useCall } from '../../../client/engine.tsx';
import { Loaded } from '../../../ui/frame/Loaded.tsx';
import { StepRail } from '../../../ui/frame/StepRail.tsx';
import { BackupStep } from './BackupStep.tsx';
import { FindStep } from './FindStep.tsx';
import { KeyStep } from './KeyStep.tsx';
import { KitStep } from './KitStep.tsx';
import { PlaceStep } from './PlaceStep.tsx';
import { ScheduleStep } from './ScheduleStep.tsx';
import { noPlace, type Place } from '../../places/place.ts';

const labels = ['Trinity', 'Where', 'Key', 'How often', 'First backup'] as const;
type Step = 'find' | 'place' | 'secret' | SetupStep;
const positions: Readonly<Record<Step, number>> = {
  find: 0,
  place: 1,
  secret: 2,
  key: 2,
  schedule: 3,
  backup: 4,
};

type Props = Readonly<{ onBack: () => void; onDone: () => void }>;

/** Five steps. The engine knows how far they are, so that they go on where they were left. */
export function Protect(props: Props) {
  const progress = useCall('setup.get', {});
  const home = useCall('home.get', {});
  return (
    <Loaded query={progress} what="Looking what is set up">
      {({ step, isSetUp }) => (
        <Loaded query={home} what="Looking what is set up">
          {({ installFolder }) => (
            <Steps
              {...props}
              first={isSetUp && step !== null ? step : installFolder === null ? 'find' : 'place'}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Steps({ first, onBack, onDone }: Props & Readonly<{ first: Step }>) {
  const [step, setStep] = useState<Step>(first);
  const [place, setPlace] = useState<Place>(noPlace);
  /** Known only to the page that has just made it. */
  const [recoveryKey, setRecoveryKey] = useState<string>();
  return (
    <Stack gap="xl">
      <StepRail labels={labels} active={positions[step]} />
      {step === 'find' && <FindStep onBack={onBack} onNext={() => setStep('place')} />}
      {step === 'place' && (
        <PlaceStep
          place={place}
          onChange={setPlace}
          onBack={() => setStep('find')}
          onNext={() => setStep('secret')}
        />
      )}
      {step === 'secret' && (
        <KeyStep
          place={place}
          onBack={() => setStep('place')}
          onMade={(made) => {
            setRecoveryKey(made);
            setStep('key');
          }}
          onConnected={() => setStep('schedule')}
        />
      )}
      {step === 'key' && <KitStep recoveryKey={recoveryKey} onNext={() => setStep('schedule')} />}
      {step === 'schedule' && <ScheduleStep onNext={() => setStep('backup')} />}
      {step === 'backup' && <BackupStep onDone={onDone} />}
    </Stack>
  );
}
