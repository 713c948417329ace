import { AppError } from '../../../shared/lib/app-error.ts';
import type { FailureKind } from '../../../shared/model/failure-kind.ts';

const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** Why a run failed, for whoever offers what mends it. */
export function failureKindOf(error: unknown): FailureKind {
  if (!(error instanceof AppError)) return 'other';
  const { absent, full, code } = error.details;
  if (absent === true) return 'away';
  if (full === true || fullCodes.includes(code)) return 'full';
  if (error.kind === 'no-key') return 'locked';
  return error.kind === 'damaged' ? 'damaged' : 'other';
}
