import type { Finding } from '../../../shared/model/finding.ts';

const namedPerCode = 10;

/** Gathers what could not be kept, so that a million alike make a few findings and a number. */
export class TreeLosses {
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<string, number>();

  /** `path` is shown text. */
  add(code: string, message: string, path: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= namedPerCode) {
      this.#findings.push({ code, message, path });
    }
  }

  /** Only the first of its code is kept. */
  once(code: string, message: string): void {
    if (!this.#counts.has(code)) {
      this.#counts.set(code, namedPerCode);
      this.#findings.push({ code, message });
    }
  }

  list(): readonly Finding[] {
    const more = [...this.#counts].filter(([, count]) => count > namedPerCode);
    return [
      ...this.#findings,
      ...more.map(([code, count]) => ({
        code,
        message: `The same holds for ${String(count - namedPerCode)} more.`,
      })),
    ];
  }
}
