import { describe, expect, it } from 'vitest';
import { scheduleSettings } from '../../../../main/app/schedule/schedule-settings.ts';
import { EntitlementService } from '../../../../main/backup/entitlements/entitlement-service.ts';
import { homeSettings } from '../../../../shared/model/settings.ts';

const settings = homeSettings.parse({
  version: 1,
  install: { installId: '1'.repeat(32), folder: '/opt/trinity' },
  backup: { enabled: true, path: '/mnt/backup', vaultId: '2'.repeat(32) },
});

describe('scheduleSettings', () => {
  it('has the schedule on only with the entitlement, whatever the settings say', () => {
    const entitlements = new EntitlementService();
    expect(scheduleSettings(settings, entitlements).isOn).toBe(false);
    entitlements.registerModule('backup');
    expect(scheduleSettings(settings, entitlements).isOn).toBe(true);
    const off = { ...settings, backup: { ...settings.backup, enabled: false } };
    expect(scheduleSettings(off, entitlements).isOn).toBe(false);
  });
});
