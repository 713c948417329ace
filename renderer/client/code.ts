import { queryOptions } from '@tanstack/react-query';
import { AppError } from '../../shared/lib/app-error.ts';

/** Code that is loaded by itself, and kept: at once where it was loaded before. `what` it is begins the sentence of its failure. */
export function codeOf<Part>(name: string, what: string, load: () => Promise<Part>) {
  return queryOptions({
    queryKey: ['code', name],
    queryFn: async () => {
      try {
        return await load();
      } catch (cause) {
        const message = `${what} could not be loaded. Trinity Backup has stopped, or was updated meanwhile: load its pages again.`;
        throw new AppError('unavailable', message, { cause });
      }
    },
    staleTime: 'static',
    gcTime: Infinity,
    // It comes from where the pages came from, with or without a network.
    networkMode: 'always',
  });
}
