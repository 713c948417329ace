import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useRoute } from '../../app/use-route.ts';
import { Page } from '../../ui/frame/Page.tsx';
import { StepRail } from '../../ui/frame/StepRail.tsx';
import { type Choice, nothingChosen, requestOf } from './choice.ts';
import type { Earlier } from './plan/NoPlan.tsx';
import { PlanStep } from './plan/PlanStep.tsx';
import { ResultStep } from './result/ResultStep.tsx';
import type { Started } from './result/Undo.tsx';
import { WhatStep } from './what/WhatStep.tsx';
import { WhenStep } from './when/WhenStep.tsx';
import { WhereStep } from './where/WhereStep.tsx';

const steps = ['What', 'When', 'Where', 'Plan', 'Result'] as const;
const whenStep = steps.indexOf('When');
const whereStep = steps.indexOf('Where');
const resultStep = steps.indexOf('Result');

/** Leads through a restore. Nothing is touched before the plan's own button, and until then every step can be gone back to. */
export function RestorePage() {
  const { parameters } = useRoute();
  const [choice, setChoice] = useState<Choice>(() => chosenBy(parameters));
  const [step, setStep] = useState(() => firstStep(choice));
  const [hasMoved, setMoved] = useState(false);
  const go = (next: number): void => {
    setStep(next);
    setMoved(true);
  };
  const change = (more: Partial<Choice>): void => setChoice((before) => ({ ...before, ...more }));
  return (
    <Page title="Restore">
      <StepRail labels={steps} active={step} onGo={step === resultStep ? undefined : go} />
      <Step choice={choice} step={step} hasMoved={hasMoved} onChange={change} onGo={go} />
      {step > 0 && step < resultStep && (
        <Group>
          <Button variant="default" onClick={() => go(step - 1)}>
            Back
          </Button>
        </Group>
      )}
    </Page>
  );
}

type StepProps = Readonly<{
  choice: Choice;
  step: number;
  /** The page as it opens takes nobody's place. */
  hasMoved: boolean;
  onChange: (more: Partial<Choice>) => void;
  onGo: (step: number) => void;
}>;

function Step({ choice, step, hasMoved, onChange, onGo }: StepProps) {
  const [started, setStarted] = useState<Started>();
  // What was chosen of something else says nothing of this: it may lie in other backups.
  const [addressed, setAddressed] = useState(choice.backupId);
  const request = requestOf(choice);
  const { what, where } = choice;
  const choose = (more: Partial<Choice>): void => {
    onChange(more);
    onGo(step + 1);
  };
  const goBack = (earlier: Earlier): void => onGo(steps.indexOf(earlier));
  if (step === 0 || what === undefined) {
    // Whoever looked into one backup has said which.
    const chosen = (next: Choice['what'], backupId: string | undefined): void => {
      onChange({ ...nothingChosen, what: next, backupId });
      onGo(backupId === undefined ? whenStep : whereStep);
    };
    return <WhatStep takesFocus={hasMoved} backupId={addressed} onChoose={chosen} />;
  }
  if (step === whenStep) return <WhenStep what={what} onChoose={(backupId) => choose({ backupId })} />;
  if (step === whereStep || request === undefined)
    return <WhereStep what={what} where={where} onChoose={(chosen) => choose({ where: chosen })} />;
  if (step === resultStep && started !== undefined) {
    const again = (): void => {
      onChange(nothingChosen);
      setStarted(undefined);
      setAddressed(undefined);
      onGo(0);
    };
    return (
      <ResultStep
        {...{ what, choice, started }}
        onUndo={setStarted}
        onChange={onChange}
        onGo={goBack}
        onAgain={again}
      />
    );
  }
  return (
    <PlanStep
      what={what}
      choice={choice}
      request={request}
      onChange={onChange}
      onGo={goBack}
      onStarted={(taskId) => {
        setStarted({ taskId });
        onGo(resultStep);
      }}
    />
  );
}

/** A page that leads here may say what is wanted already, and out of which backup. */
function chosenBy(parameters: URLSearchParams): Choice {
  return {
    ...nothingChosen,
    what: whatBy(parameters),
    backupId: parameters.get('backup') ?? undefined,
  };
}

function whatBy(parameters: URLSearchParams): Choice['what'] {
  const agent = parameters.get('agent');
  if (agent !== null) return { kind: 'agent', agent };
  const component = parameters.get('component');
  const path = parameters.get('path');
  if (component === null || path === null) return undefined;
  return { kind: 'files', paths: [{ component, volume: parameters.get('volume') ?? '', path }] };
}

function firstStep({ what, backupId }: Choice): number {
  if (what === undefined) return 0;
  return backupId === undefined ? whenStep : whereStep;
}
