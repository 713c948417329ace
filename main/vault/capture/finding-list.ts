import type { Finding } from '../../../shared/model/finding.ts';
import { pathText } from '../../platform/path-text.ts';

const mostFindings = 1000;
const mostPathCharacters = 20_000;

/** What happened to paths, as `code` of a finding. */
export type PathFinding = Readonly<{ code: string; message: string }>;

/** Findings of one kind; past a thousand they are only counted. */
export class FindingList {
  readonly #findings: Finding[] = [];
  readonly #tooManyCode: string;
  #left = 0;

  constructor(tooManyCode: string) {
    this.#tooManyCode = tooManyCode;
  }

  add(what: PathFinding, path: Buffer): void {
    if (this.#findings.length === mostFindings) {
      this.#left += 1;
      return;
    }
    this.#findings.push({ ...what, path: pathText(path).slice(0, mostPathCharacters) });
  }

  finish(): readonly Finding[] {
    if (this.#left === 0) {
      return this.#findings;
    }
    const message = `${String(this.#left)} more paths are not named here.`;
    return [...this.#findings, { code: this.#tooManyCode, message }];
  }
}
