import type { AppError } from '../../../shared/lib/app-error.ts';
import { useCall } from '../../client/engine.tsx';

/** What a failed restore has left, as far as the engine knows: it is all or nothing, and has put back what it had begun, or is about to. */
export function useRestoreFailure({ details }: AppError): string {
  const status = useCall('status.get', {});
  if (details['isCutOff'] === true) return 'It was cut off.';
  if (details['isDone'] === true) return 'Everything is restored, but this computer could not take it up.';
  if (details['isMixed'] === true || status.data?.state === 'recovering')
    return 'What is live is not in order yet.';
  if (details['isNotBack'] === true) return 'Not everything is back as it was yet.';
  if (details['putBack'] === true) return 'Everything was put back as it was.';
  return details['isUntouched'] === true
    ? 'Nothing was changed.'
    : 'Whether anything was changed is not known.';
}
