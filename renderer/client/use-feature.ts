import type { EntitledFeature } from '../../shared/model/entitlement.ts';
import { useCall } from './engine.tsx';

/** Whether this edition does it; true until it is known otherwise, since the engine decides in the end. */
export function useFeature(feature: EntitledFeature): boolean {
  const { data } = useCall('entitlements.get', {});
  return data?.features.find((each) => each.feature === feature)?.isEntitled ?? true;
}
