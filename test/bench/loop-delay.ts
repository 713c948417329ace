import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

// Given to Node by `--import` with a command of ours: says in the end how long its event loop was held up.
const file = process.env['BENCH_LOOP_DELAY_FILE'];
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('exit', () => {
    delay.disable();
    writeFileSync(file, JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, mostMs: delay.max / 1e6 }));
  });
}
