import { join } from 'node:path';
import { projectFolder } from '../build/entries.ts';

/**
 * Node strips types with WebAssembly, and V8 13 aborts now and then when WebAssembly comes and goes in worker threads
 * (nodejs/node#64500). With a compile cache the stripped sources are kept, also for processes that tests start from sources.
 */
export function setup(): void {
  process.env['NODE_COMPILE_CACHE'] = join(projectFolder, 'node_modules/.cache/compile');
}
