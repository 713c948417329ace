import type { EntitlementService } from './entitlements/entitlement-service.ts';

/** What the enterprise edition adds. A build without this file is the open-source edition (entitlements/load-entitlements.ts). */
export function register(service: EntitlementService): void {
  service.registerModule('backup');
}
