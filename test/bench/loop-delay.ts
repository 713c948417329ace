import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

// Given to Node by `--import` with a command of ours: says in the end how long its event loop was held up. SIGUSR2 begins anew: what
// was before does not count; another says it then, and no more in the end.
const file = process.env['BENCH_LOOP_DELAY_FILE'];
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let stage: 'all' | 'some' | 'told' = 'all';
  const tell = (): void => {
    if (stage !== 'told') {
      writeFileSync(file, JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, mostMs: delay.max / 1e6 }));
    }
    stage = 'told';
  };
  process.on('SIGUSR2', () => {
    if (stage === 'all') delay.reset();
    else tell();
    if (stage === 'all') stage = 'some';
  });
  process.on('exit', tell);
}
