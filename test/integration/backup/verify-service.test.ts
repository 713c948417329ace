import { describe, expect, it } from 'vitest';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { backedUp } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';

const dayMs = 24 * 3_600_000;

describe('verifyVault', () => {
  it('reads data of a small vault on every day of its rotation', async () => {
    const { tiny } = await backedUp();
    for (let day = 0; day < 3; day += 1) {
      const context = { ...tiny.context, now: () => Date.now() + day * dayMs };
      const { ok, checkedBytes } = await verifyVault(context, { data: 'sample' }, quietly);
      expect(ok).toBe(true);
      expect(checkedBytes).toBeGreaterThan(0);
    }
  });
});
