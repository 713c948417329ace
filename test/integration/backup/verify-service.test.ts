import { describe, expect, it } from 'vitest';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { backedUp } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';

describe('verifyVault', () => {
  it('reads data of a small vault in every part of its rotation', async () => {
    const { tiny } = await backedUp();
    for (let samplePart = 0; samplePart < 3; samplePart += 1) {
      const request = { data: 'sample', samplePart } as const;
      const { ok, checkedBytes } = await verifyVault(tiny.context, request, quietly);
      expect(ok).toBe(true);
      expect(checkedBytes).toBeGreaterThan(0);
    }
  });
});
