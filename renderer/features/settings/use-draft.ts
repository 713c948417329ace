import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CallInput } from '../../../shared/ipc/contract.ts';
import { useClient } from '../../client/engine.tsx';
import { showSaved } from '../../ui/state/show-saved.ts';

/** One setting and what it is to be; null takes it back to its default. */
export type Change = CallInput<'settings.set'>;

/** What is filled in and not saved yet. When what is stored changes elsewhere, what was filled in here stays. */
export function useDraft<Value>(stored: Value) {
  const [draft, setDraft] = useState(stored);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(stored);
  return {
    draft,
    isChanged,
    set: (more: Partial<Value>) => setDraft((before) => ({ ...before, ...more })),
    discard: () => setDraft(stored),
  } as const;
}

/** Stores settings one after the other, and says so; each is checked by the engine. */
export function useSave() {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation<void, Error, readonly Change[]>({
    mutationFn: async (changes) => {
      for (const change of changes) await client.call('settings.set', change);
    },
    onSuccess: () => showSaved(),
    onSettled: async () => await queries.invalidateQueries(),
  });
}
