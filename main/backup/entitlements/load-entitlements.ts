import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { threadEntry } from '../../platform/thread-entry.ts';
import { EntitlementService } from './entitlement-service.ts';

/** What this edition is entitled to: what the file enterprise.ts registers, where there is one and `TRINITY_OSS_ONLY` does not deny it. */
export function loadEntitlements(env: NodeJS.ProcessEnv): EntitlementService {
  const service = new EntitlementService({ isOssOnly: isTrue(env['TRINITY_OSS_ONLY']) });
  enterpriseModule()?.register(service);
  return service;
}

type EnterpriseModule = Readonly<{ register: (service: EntitlementService) => void }>;

/** A file of its own in the build too, so that leaving it out is all that an edition without it takes. */
function enterpriseModule(): EnterpriseModule | undefined {
  const file = fileURLToPath(threadEntry(import.meta.url, '../enterprise.ts'));
  try {
    // Our own module, of the shape that the type checker sees.
    return createRequire(import.meta.url)(file) as EnterpriseModule;
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** As Trinity reads the same variable. */
function isTrue(text: string | undefined): boolean {
  return ['1', 'true', 'yes'].includes(text?.trim().toLowerCase() ?? '');
}
