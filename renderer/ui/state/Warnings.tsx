import type { Finding } from '../../../shared/model/finding.ts';
import { Said } from './Said.tsx';

/** What was done all the same, and what somebody has to know of it. */
export function Warnings({ warnings }: Readonly<{ warnings: readonly Finding[] }>) {
  return warnings.map(({ message }) => (
    <Said key={message} tone="attention">
      {message}
    </Said>
  ));
}
