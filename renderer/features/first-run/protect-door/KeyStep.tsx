import { useState } from 'react';
import type { Place } from '../../places/place.ts';
import { ExistingVault } from './ExistingVault.tsx';
import { NewVault } from './NewVault.tsx';

type Props = Readonly<{
  place: Place;
  onBack: () => void;
  onMade: (recoveryKey: string) => void;
  onConnected: () => void;
}>;

/** A new vault with its keys, or one that is there already. */
export function KeyStep({ place, onBack, onMade, onConnected }: Props) {
  const [isThere, setThere] = useState(false);
  return isThere ? (
    <ExistingVault place={place} onBack={() => setThere(false)} onConnected={onConnected} />
  ) : (
    <NewVault place={place} onBack={onBack} onMade={onMade} onThere={() => setThere(true)} />
  );
}
