import { startJobChildAhead } from '../../trinity/sqlite/job-child.ts';
import { startCaptureThreadAhead } from '../../vault/capture/thread/capture-threads.ts';

/**
 * Starts what a backup needs first, and what takes long to start, while settings, keys and index are being read. What was not needed
 * ends when this is disposed, or by itself.
 */
export function startBackupAhead(): Disposable {
  startCaptureThreadAhead();
  return startJobChildAhead();
}
