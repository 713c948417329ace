import type { Finding } from '../../../shared/model/finding.ts';
import { pathText } from '../../platform/path-text.ts';

const mostFindings = 1000;
/** As the model of findings says. A path is given whole or not at all: a part of it would name something else. */
const mostPathCharacters = 20_000;
const mostHead = 1000;

/** What happened to paths, as `code` of a finding; `errno` (positive) where an error of the system is the reason. */
export type PathFinding = Readonly<{ code: string; message: string; errno?: number }>;

/** Takes findings of paths. */
export interface FindingTaker {
  add(what: PathFinding, path: Buffer): void;
}

/** Findings of one kind; past a thousand they are only counted. */
export class FindingList implements FindingTaker {
  readonly #findings: Finding[] = [];
  readonly #tooManyCode: string;
  #left = 0;

  constructor(tooManyCode: string) {
    this.#tooManyCode = tooManyCode;
  }

  add({ code, message }: PathFinding, path: Buffer): void {
    if (this.#findings.length === mostFindings) {
      this.#left += 1;
      return;
    }
    const text = pathText(path);
    if (text.length <= mostPathCharacters) {
      this.#findings.push({ code, message, path: text });
    } else {
      this.#findings.push({
        code,
        message: `${message} Its path begins with ${text.slice(0, mostHead)}`,
      });
    }
  }

  finish(): readonly Finding[] {
    if (this.#left === 0) {
      return this.#findings;
    }
    const message = `${String(this.#left)} more paths are not named here.`;
    return [...this.#findings, { code: this.#tooManyCode, message }];
  }
}
