import { expect, it } from 'vitest';
import { sourceWithin } from '../../../../../shared/lib/restore-plan/sentence.ts';

it.each([
  ['persistence', 'the database'],
  ['memory/agent-one-workspace', 'the volume agent-one-workspace'],
  ['files', "Trinity's shared files"],
])('%s is %s within a sentence', (source, words) => {
  expect(sourceWithin(source)).toBe(words);
});
