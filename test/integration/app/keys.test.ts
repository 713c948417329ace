import { describe, expect, it } from 'vitest';
import { sharedLab } from '../../helpers/command-lab.ts';

type Keys = Readonly<{ keys: readonly Readonly<{ id: string; openedThis: boolean }>[] }>;

describe('keys remove', () => {
  const shared = sharedLab();

  it('says so when it was the key of this home', async () => {
    const lab = await shared().copy();
    // What lab.json gives is checked by the expectations below.
    const { keys } = (await lab.json(['keys', 'list'])) as Keys;
    const ours = keys.find((key) => key.openedThis)?.id ?? 'none';
    const other = keys.find((key) => !key.openedThis)?.id ?? 'none';
    expect((await lab.run(['keys', 'remove', other])).stdout).not.toContain('key of this home');
    expect((await lab.run(['keys', 'remove', ours])).stdout).toContain('key of this home');
  });
});
