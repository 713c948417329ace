import { Stepper } from '@mantine/core';
import classes from './StepRail.module.css';

type Props = Readonly<{
  labels: readonly string[];
  active: number;
  /** Earlier steps can be gone back to; undefined where a step has buttons of its own for that. */
  onGo?: ((step: number) => void) | undefined;
}>;

/** The steps of a wizard, and at which of them it is. */
export function StepRail({ labels, active, onGo }: Props) {
  return (
    <Stepper
      active={active}
      allowNextStepsSelect={false}
      size="sm"
      iconSize={32}
      classNames={{ step: classes['step'] ?? '', stepLabel: classes['label'] ?? '' }}
      {...(onGo === undefined ? {} : { onStepClick: onGo })}
    >
      {labels.map((label, index) => (
        <Stepper.Step
          key={label}
          label={label}
          allowStepSelect={onGo !== undefined && index < active}
          aria-current={index === active ? 'step' : undefined}
        />
      ))}
    </Stepper>
  );
}
