import { NumberField } from '../../ui/fields/NumberField.tsx';
import { type FieldNumber, isWithin, limitText } from '../../ui/fields/number-limits.ts';
import { Sentence } from '../../ui/fields/Sentence.tsx';
import { SavedSection } from './SavedSection.tsx';
import type { PartProps } from './SettingsPage.tsx';
import { type Change, useDraft } from './use-draft.ts';

const fields = [
  { name: 'backupHours', before: 'Warn me when a backup is older than', min: 1, max: 8760, unit: 'hours' },
  { name: 'proofDays', before: 'Warn me when nothing has proven for', min: 1, max: 365, unit: 'days' },
  {
    name: 'copyHours',
    before: 'Warn me when a required copy is behind for',
    min: 1,
    max: 8760,
    unit: 'hours',
  },
] as const;

/** What the state is judged by. */
export function ObjectivesSection({ settings: { objectives } }: PartProps) {
  const { draft, isChanged, set, discard } =
    useDraft<Readonly<Record<keyof typeof objectives, FieldNumber>>>(objectives);
  const isWhole = fields.every((field) => isWithin(draft[field.name], field));
  const changes = (): readonly Change[] =>
    fields.flatMap(({ name }) =>
      draft[name] === objectives[name] ? [] : [{ path: ['objectives', name], value: draft[name] }],
    );
  return (
    <SavedSection
      title="Objectives"
      about="“Protected” is said only while all of them are met, for the database and for each agent."
      isChanged={isChanged}
      onDiscard={discard}
      changes={() => (isWhole ? changes() : undefined)}
    >
      {fields.map((field) => (
        <Sentence
          key={field.name}
          problem={isWithin(draft[field.name], field) ? undefined : limitText(field)}
        >
          {field.before}
          <NumberField
            label={`${field.before}, in ${field.unit}`}
            value={draft[field.name]}
            isWrong={!isWithin(draft[field.name], field)}
            onChange={(value) => set({ [field.name]: value })}
          />
          {field.unit}
          {field.name === 'proofDays' ? ' that it restores.' : '.'}
        </Sentence>
      ))}
    </SavedSection>
  );
}
