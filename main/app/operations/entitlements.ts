import { z } from 'zod';
import { entitledFeature, type EntitledFeature } from '../../../shared/model/entitlement.ts';
import { operation } from '../operation.ts';

export type Entitlements = Readonly<{
  edition: 'oss' | 'enterprise';
  /** Modules that this edition has. */
  entitled: readonly string[];
  /** What a module opens, and whether it is open here: pages explain what is not. */
  features: readonly Readonly<{ feature: EntitledFeature; entitlement: 'backup'; isEntitled: boolean }>[];
}>;

export const entitlements = operation(z.strictObject({}), async (engine): Promise<Entitlements> => {
  const entitled = engine.entitlements.listEntitledFeatures();
  const isEntitled = engine.entitlements.isEntitled('backup');
  return {
    edition: entitled.length > 0 ? 'enterprise' : 'oss',
    entitled,
    features: entitledFeature.options.map((feature) => ({ feature, entitlement: 'backup', isEntitled })),
  };
});
