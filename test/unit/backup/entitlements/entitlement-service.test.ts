import { describe, expect, it } from 'vitest';
import { EntitlementService } from '../../../../main/backup/entitlements/entitlement-service.ts';
import { loadEntitlements } from '../../../../main/backup/entitlements/load-entitlements.ts';
import { requireForLocation } from '../../../../main/backup/entitlements/off-host.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { entitledFeature } from '../../../../shared/model/entitlement.ts';
import { parseLocation } from '../../../../main/storage/location.ts';

describe('EntitlementService', () => {
  it('is entitled to what is registered, until it is taken back', () => {
    const service = new EntitlementService();
    expect([service.isEntitled('backup'), service.listEntitledFeatures()]).toEqual([false, []]);
    service.registerModule('backup');
    service.registerModule('backup');
    expect([service.isEntitled('backup'), service.listEntitledFeatures()]).toEqual([true, ['backup']]);
    expect([service.unregisterModule('backup'), service.unregisterModule('backup')]).toEqual([true, false]);
    expect(service.isEntitled('backup')).toBe(false);
  });

  it('refuses at a door by name, says what still goes, and lets the entitled pass', async () => {
    const service = new EntitlementService();
    const door = service.requiresEntitlement('backup');
    for (const feature of entitledFeature.options) {
      const error = await rejectionOf((async () => door(feature))());
      expect(error).toMatchObject({ kind: 'not-entitled', details: { entitlement: 'backup', feature } });
    }
    service.registerModule('backup');
    for (const feature of entitledFeature.options) expect(() => door(feature)).not.toThrow();
  });

  it('denies everything where only open source is wanted', () => {
    const service = new EntitlementService({ isOssOnly: true });
    service.registerModule('backup');
    expect([service.isEntitled('backup'), service.listEntitledFeatures()]).toEqual([false, []]);
  });

  it('takes a bucket for off the host, a folder not', () => {
    const none = new EntitlementService();
    expect(() => requireForLocation(none, parseLocation('/mnt/backup'))).not.toThrow();
    expect(() => requireForLocation(none, parseLocation('s3://bucket/prefix'))).toThrow(
      /away from this host/u,
    );
  });
});

describe('loadEntitlements', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['0', true],
    ['1', false],
    ['true', false],
    ['YES', false],
  ])('with TRINITY_OSS_ONLY=%s entitlement is %s', (value, expected) => {
    const env = value === undefined ? {} : { TRINITY_OSS_ONLY: value };
    expect(loadEntitlements(env).isEntitled('backup')).toBe(expected);
  });
});
