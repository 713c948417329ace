import type { Finding } from '../../shared/model/finding.ts';

const maxFindings = 9_999;
const maxMessage = 2000;
const maxPath = 20_000;
/** Of all together as JSON: an agent that makes thousands of very long names must not make the manifest too large to be written. */
const maxBytes = 4_000_000;

/** Findings of one run, in order, within what a manifest holds: what is past the limits is counted. */
export class FindingList {
  readonly #findings: Finding[] = [];
  #bytes = 0;
  #dropped = 0;

  add(finding: Finding): void {
    const { message, path } = finding;
    const cut = {
      ...finding,
      message: message.slice(0, maxMessage),
      ...(path === undefined ? {} : { path: path.slice(0, maxPath) }),
    };
    const bytes = Buffer.byteLength(JSON.stringify(cut));
    if (this.#findings.length >= maxFindings || this.#bytes + bytes > maxBytes) {
      this.#dropped += 1;
      return;
    }
    this.#bytes += bytes;
    this.#findings.push(cut);
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
