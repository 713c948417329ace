import { describe, expect, it } from 'vitest';
import { ProgressLine, progressText } from '../../../../../main/headless/cli/output/progress-line.ts';

const progress = {
  phase: 'memory',
  done: 620_000_000,
  total: 1_000_000_000,
  unit: 'bytes',
  detail: 'echo',
} as const;

describe('progressText', () => {
  it('shows share, amount, rate and time left', () => {
    expect(progressText(progress, 38_000_000)).toBe(
      'memory  62 %  620 MB of 1.00 GB  38.0 MB/s  10 s left  echo',
    );
  });

  it('leaves out what is not known', () => {
    expect(progressText({ ...progress, total: undefined, unit: 'files', done: 1200, detail: '' }, 0)).toBe(
      'memory  1,200 files',
    );
  });
});

describe('ProgressLine', () => {
  it('draws at most ten times a second, also when the phase changes each time', () => {
    let nowMs = 0;
    const drawn: string[] = [];
    const line = new ProgressLine({
      write: (text) => void drawn.push(text),
      columns: () => 40,
      now: () => nowMs,
    });
    for (; nowMs < 1000; nowMs += 10) line.show({ ...progress, phase: String(nowMs) });
    expect(drawn).toHaveLength(10);
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThanOrEqual(40 + '\r\u001B[K'.length);
  });

  it('shows each new step at once, and no amount before there is one', () => {
    const drawn: string[] = [];
    const line = new ProgressLine({ write: (text) => drawn.push(text), columns: () => 80, now: () => 0 });
    const begun = { phase: 'x', done: 0, total: undefined, unit: 'bytes', detail: '' } as const;
    for (const number of [1, 1, 2, 3]) line.show({ ...begun, step: { number, of: 3, name: 'x' } });
    expect(drawn.map((text) => text.slice('\r\u001B[K'.length))).toEqual(
      [1, 2, 3].map((n) => `step ${n} of 3: x`),
    );
  });

  it('is wiped away, when it was drawn', () => {
    const drawn: string[] = [];
    const line = new ProgressLine({
      write: (text) => void drawn.push(text),
      columns: () => 80,
      now: () => 0,
    });
    line.clear();
    line.show(progress);
    line.clear();
    expect(drawn.slice(1)).toEqual(['\r\u001B[K']);
  });
});
