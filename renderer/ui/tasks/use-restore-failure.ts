import type { AppError } from '../../../shared/lib/app-error.ts';
import { useCall } from '../../client/engine.tsx';

/** What a failed restore has left: it is all or nothing, and has put back what it had begun to change, or is about to. */
export function useRestoreFailure({ details }: AppError): string {
  const status = useCall('status.get', {});
  if (details['isCutOff'] === true) return 'It was cut off.';
  if (details['isDone'] === true) return 'Everything is restored, but this computer could not take it up.';
  if (details['isMixed'] === true || status.data?.state === 'recovering')
    return 'What is live is not in order yet.';
  return details['putBack'] === true ? 'Everything was put back as it was.' : 'Nothing was changed.';
}
