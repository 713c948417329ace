import type { Finding } from '../../shared/model/finding.ts';

const maxFindings = 9_999;
const maxMessage = 2000;
const maxPath = 20_000;

/** Findings of one run, in order, within what a manifest holds: what is past the limit is counted. */
export class FindingList {
  readonly #findings: Finding[] = [];
  #dropped = 0;

  add(finding: Finding): void {
    if (this.#findings.length >= maxFindings) {
      this.#dropped += 1;
      return;
    }
    const { message, path } = finding;
    this.#findings.push({
      ...finding,
      message: message.slice(0, maxMessage),
      ...(path === undefined ? {} : { path: path.slice(0, maxPath) }),
    });
  }

  addAll(findings: readonly Finding[], place: Readonly<Pick<Finding, 'component' | 'volume'>>): void {
    for (const finding of findings) this.add({ ...place, ...finding });
  }

  get list(): readonly Finding[] {
    if (this.#dropped === 0) return this.#findings;
    return [
      ...this.#findings,
      { code: 'more', message: `There are ${String(this.#dropped)} more of these.` },
    ];
  }
}
