import { describe, expect, it } from 'vitest';
import { addressOfAction, doStatusAction } from '../../../../renderer/features/overview/status-action.ts';
import { contract } from '../../../../shared/ipc/contract.ts';
import type { Client } from '../../../../shared/ipc/client.ts';
import type { CallName } from '../../../../shared/ipc/names.ts';
import type { StatusAction } from '../../../../shared/model/status.ts';
import { offeredActions } from '../../../fakes/offered-actions.ts';

/** The calls that an action makes, as the contract takes them. */
async function callsOf(action: StatusAction): Promise<readonly unknown[]> {
  const calls: unknown[] = [];
  const call = async (name: CallName, input: unknown): Promise<unknown> => {
    calls.push([name, contract[name].input.parse(input)]);
    return await Promise.resolve({ problem: null });
  };
  // As much of a client as actions use.
  await doStatusAction({ call } as unknown as Client, action);
  return calls;
}

describe('actions of a page', () => {
  const deeds = offeredActions().filter(
    (action) => action.operation !== 'show' && addressOfAction(action) === undefined,
  );

  it.each(deeds)('can be done: $label ($operation)', async (action) => {
    expect(await callsOf(action)).toHaveLength(1);
  });

  it('bring up the copy that is named, or all', async () => {
    const copyTo = (name: string): StatusAction => ({
      label: 'Copy now',
      operation: 'copiesRun',
      input: { name },
    });
    expect(await callsOf(copyTo('nas'))).toEqual([['copies.run', { name: 'nas' }]]);
    expect(await callsOf(copyTo(''))).toEqual([['copies.run', {}]]);
  });
});
