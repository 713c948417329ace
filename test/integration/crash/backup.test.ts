import { describe, it } from 'vitest';
import { type CrashCase, failAtEveryCall, killAtEveryCall, killAtRandom } from './every-call.ts';

const minutes = 60_000;

const first: CrashCase = {
  prepare: async () => await Promise.resolve(),
  args: () => ['backup'],
};

const changed: CrashCase = {
  prepare: async (lab) => {
    await lab.succeed(['backup']);
    lab.change();
  },
  args: () => ['backup'],
};

describe('the first backup', () => {
  it(
    'may be killed at every storage call',
    { timeout: 5 * minutes },
    async () => await killAtEveryCall(first),
  );
  it('may fail at every storage call', { timeout: 5 * minutes }, async () => await failAtEveryCall(first));
});

describe('a backup of what changed', () => {
  it(
    'may be killed at every storage call',
    { timeout: 5 * minutes },
    async () => await killAtEveryCall(changed),
  );
  it('may fail at every storage call', { timeout: 5 * minutes }, async () => await failAtEveryCall(changed));
  it('may be killed at any moment', { timeout: 5 * minutes }, async () => await killAtRandom(changed, 12));
});
