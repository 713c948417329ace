import { describe, expect, it } from 'vitest';
import { operations } from '../../../../main/app/operations/operations.ts';
import { stateTable } from '../../../../main/app/status/state-table.ts';
import { mendingAction } from '../../../../main/app/status/actions.ts';
import { failureKind } from '../../../../shared/model/failure-kind.ts';
import { stateNames } from '../../../../shared/model/status.ts';
import { nowMs, statusFacts } from '../../../fakes/status-facts.ts';

const copy = {
  name: 'nas',
  place: '/mnt/nas',
  required: true,
  behindSinceMs: nowMs - 1e9,
  problem: undefined,
};
const actions = [
  ...stateNames.map((state) => stateTable[state].action(statusFacts({ copies: [copy] }))),
  stateTable.recovering.action(statusFacts({ isRecovering: true })),
  ...failureKind.options.map((kind) => mendingAction(kind)),
].filter((action) => action !== null);

describe('actions of states', () => {
  it.each(actions)('can be done: $label ($operation)', async ({ operation, input }) => {
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
