import { PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import placeClasses from '../../places/PlaceFields.module.css';
import { type KnownValue, meaningOf, type TypedValues } from './host-values.ts';

type Props = Readonly<{
  known: readonly KnownValue[];
  typed: TypedValues;
  onChange: (typed: TypedValues) => void;
}>;

/** What `.env` says of the old server, to be kept or given anew for this one. */
export function HostValueFields({ known, typed, onChange }: Props) {
  if (known.length === 0) return undefined;
  return (
    <Stack gap="sm" align="stretch">
      <div>
        <Title order={3}>What is different on this server?</Title>
        <Text c="var(--page-quiet)">
          These values of .env belonged to the old server. What you leave as it is goes on being used.
        </Text>
      </div>
      <div className={placeClasses['fields']}>
        {known.map(({ key, value }) => {
          const field = {
            label: key,
            description: meaningOf(key),
            value: typed[key] ?? value ?? '',
            autoComplete: 'off',
            onChange: ({ currentTarget }: Readonly<{ currentTarget: Readonly<{ value: string }> }>) =>
              onChange({ ...typed, [key]: currentTarget.value }),
          };
          return value === null ? (
            <PasswordInput
              key={key}
              {...field}
              placeholder="As on the old server"
              visibilityToggleButtonProps={{ 'aria-label': `Show ${key}` }}
            />
          ) : (
            <TextInput key={key} {...field} spellCheck={false} />
          );
        })}
      </div>
    </Stack>
  );
}
