import type { Location } from '../../storage/location.ts';
import type { EntitlementService } from './entitlement-service.ts';

/** Before anything is written to a vault: a bucket is off the host; a folder is not, whatever disk or share is mounted there. */
export function requireForLocation(entitlements: EntitlementService, location: Location): void {
  if (location.kind !== 'folder') entitlements.require('backup', 'off-host');
}
