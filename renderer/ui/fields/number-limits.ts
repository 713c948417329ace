import { countText } from '../../../shared/lib/size-text.ts';

/** What stands in a field for numbers: nothing yet, or a number, whole or not. */
export type FieldNumber = number | '';

export type NumberLimits = Readonly<{ min: number; max: number; unit: string }>;

export function isWithin(value: FieldNumber, { min, max }: NumberLimits): value is number {
  return value !== '' && Number.isInteger(value) && value >= min && value <= max;
}

/** `Choose 1 to 168 hours.` */
export function limitText({ min, max, unit }: NumberLimits): string {
  return `Choose ${countText(min)} to ${countText(max)} ${unit}.`;
}
