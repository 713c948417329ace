import { Button, Group, Stepper } from '@mantine/core';
import { useState } from 'react';
import { useRoute } from '../../app/use-route.ts';
import { Page } from '../../ui/Page.tsx';
import { type Choice, nothingChosen, requestOf } from './choice.ts';
import { PlanStep } from './PlanStep.tsx';
import { ResultStep } from './ResultStep.tsx';
import { WhatStep } from './WhatStep.tsx';
import { WhenStep } from './WhenStep.tsx';
import { WhereStep } from './WhereStep.tsx';

const steps = ['What', 'When', 'Where', 'Plan', 'Result'] as const;
const planStep = steps.indexOf('Plan');
const resultStep = steps.indexOf('Result');

/** Leads through a restore. Nothing is touched before the plan's own button, and until then every step can be gone back to. */
export function RestorePage() {
  const { parameters } = useRoute();
  const [taskId, setTaskId] = useState<string>();
  const [choice, setChoice] = useState<Choice>(() => chosenBy(parameters));
  const [step, setStep] = useState(choice.what === undefined ? 0 : 1);
  const choose = (more: Partial<Choice>): void => {
    setChoice((before) => ({ ...before, ...more }));
    setStep((before) => before + 1);
  };
  const request = requestOf(choice);
  return (
    <Page title="Restore">
      <Stepper active={step} onStepClick={setStep} allowNextStepsSelect={false} size="sm" iconSize={32}>
        {steps.map((label, index) => (
          <Stepper.Step key={label} label={label} allowStepSelect={index < step && step !== resultStep} />
        ))}
      </Stepper>
      {step === 0 && <WhatStep onChoose={(what) => choose({ what, backupId: undefined })} />}
      {step === 1 && choice.what !== undefined && (
        <WhenStep what={choice.what} onChoose={(backupId) => choose({ backupId })} />
      )}
      {step === 2 && <WhereStep where={choice.where} onChoose={(where) => choose({ where })} />}
      {step === planStep && choice.what !== undefined && request !== undefined && (
        <PlanStep
          what={choice.what}
          request={request}
          onQuietly={(startQuietly) => setChoice((before) => ({ ...before, startQuietly }))}
          onStarted={(started) => {
            setTaskId(started);
            setStep(resultStep);
          }}
        />
      )}
      {step === resultStep && choice.what !== undefined && taskId !== undefined && (
        <ResultStep
          what={choice.what}
          where={choice.where}
          taskId={taskId}
          onUndo={setTaskId}
          onAgain={() => {
            setChoice(nothingChosen);
            setTaskId(undefined);
            setStep(0);
          }}
        />
      )}
      {step > 0 && step < resultStep && (
        <Group>
          <Button variant="default" onClick={() => setStep(step - 1)}>
            Back
          </Button>
        </Group>
      )}
    </Page>
  );
}

/** A page that leads here may say what is wanted already. */
function chosenBy(parameters: URLSearchParams): Choice {
  const agent = parameters.get('agent');
  return agent === null ? nothingChosen : { ...nothingChosen, what: { kind: 'agent', agent } };
}
