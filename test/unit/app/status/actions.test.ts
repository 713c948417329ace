import { describe, expect, it } from 'vitest';
import { operations } from '../../../../main/app/operations/operations.ts';
import { offeredActions } from '../../../fakes/offered-actions.ts';

describe('actions of states and causes', () => {
  it.each(offeredActions())('can be done: $label ($operation)', async ({ operation, input }) => {
    if (operation === 'show') {
      expect(input['page']).toEqual(expect.any(String));
      return;
    }
    const known = Object.entries(operations).find(([name]) => name === operation);
    const { parse } = (await known?.[1]()) ?? {};
    expect(parse).toBeDefined();
    expect(() => parse?.(input)).not.toThrow();
  });
});
