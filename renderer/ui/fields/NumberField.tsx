import { NumberInput } from '@mantine/core';
import type { FieldNumber } from './number-limits.ts';

type Props = Readonly<{
  label: string;
  value: FieldNumber;
  onChange: (value: FieldNumber) => void;
  isWrong?: boolean;
  isDisabled?: boolean;
}>;

/** A number within a sentence. What it may be is said by the sentence, not by cutting what was typed. */
export function NumberField({ label, value, onChange, isWrong = false, isDisabled = false }: Props) {
  return (
    <NumberInput
      aria-label={label}
      aria-invalid={isWrong}
      error={isWrong}
      w={76}
      size="sm"
      value={value}
      disabled={isDisabled}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      onChange={(next) => onChange(typeof next === 'number' ? next : fromText(next))}
    />
  );
}

function fromText(text: string): FieldNumber {
  return text.trim() === '' ? '' : Number(text);
}
