import { countText, sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import type { Progress } from '../../../backup/services.ts';

const betweenMs = 100;
/** Rates are taken over this long, so that they follow a change and do not jump. */
const windowMs = 5000;

type Sample = Readonly<{ atMs: number; done: number }>;

/** One line on the terminal that says how far a run is, with rate and time left; redrawn at most ten times a second. */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #now: () => number;
  #samples: Sample[] = [];
  #phase = '';
  #step: number | undefined;
  #nextAtMs = 0;
  #isDrawn = false;

  constructor(
    options: Readonly<{ write: (text: string) => void; columns: () => number; now?: () => number }>,
  ) {
    this.#write = options.write;
    this.#columns = options.columns;
    this.#now = options.now ?? (() => performance.now());
  }

  show(progress: Progress): void {
    const now = this.#now();
    if (now < this.#nextAtMs && progress.step?.number === this.#step) return;
    this.#step = progress.step?.number;
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#samples = [];
    }
    this.#nextAtMs = now + betweenMs;
    this.#samples.push({ atMs: now, done: progress.done });
    while ((this.#samples[0]?.atMs ?? now) < now - windowMs) this.#samples.shift();
    const text = progressText(progress, this.#rate()).slice(0, Math.max(20, this.#columns() - 1));
    this.#write(`\r\u001B[K${text}`);
    this.#isDrawn = true;
  }

  clear(): void {
    if (this.#isDrawn) this.#write('\r\u001B[K');
    this.#isDrawn = false;
  }

  /** Units a second; 0 while it cannot be told. */
  #rate(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return 0;
    return Math.max(0, ((last.done - first.done) * 1000) / (last.atMs - first.atMs));
  }
}

/**
 * `memory  62 %  1.32 GB of 2.10 GB  132 MB/s  1 min left  agent-echo-workspace`; `rate` in units a second, 0 = not
 * known.
 */
export function progressText(progress: Progress, rate: number): string {
  const { phase, done, total, unit, detail, step } = progress;
  const isCounted = done > 0 || total !== undefined;
  const where = step === undefined ? phase : `step ${step.number} of ${step.of}: ${phase}`;
  const amount = (value: number): string => (unit === 'bytes' ? sizeText(value) : countText(value));
  const ofTotal = total === undefined ? '' : ` of ${amount(total)}`;
  const parts = [
    where,
    total === undefined || total === 0 ? '' : `${Math.min(100, Math.floor((done / total) * 100))} %`,
    isCounted ? `${amount(done)}${ofTotal}${unit === 'files' ? ' files' : ''}` : '',
    rate > 0 ? `${amount(rate)}/s` : '',
    total !== undefined && rate > 0 && total > done
      ? `${durationText(((total - done) / rate) * 1000)} left`
      : '',
    detail,
  ];
  return parts.filter((part) => part !== '').join('  ');
}
