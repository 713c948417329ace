import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { SortedNames } from './sorted-names.ts';

const readBytes = 65_536;

/** Where a run lies in the file. Names are divided by zero bytes, which no name holds. */
type RunPlace = Readonly<{ from: number; to: number }>;

/** Sorted runs of names in one temporary file, which nobody else can open: it has no name any more. */
export class NameRuns implements Disposable {
  readonly #fd: number;
  readonly #runs: RunPlace[] = [];
  #length = 0;

  constructor() {
    this.#fd = openNameless();
  }

  /** Adds a run of sorted names. */
  add(names: readonly string[]): void {
    if (names.length === 0) {
      return;
    }
    const bytes = Buffer.from(`${names.join('\0')}\0`, 'latin1');
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(this.#fd, bytes, done, bytes.length - done, this.#length + done);
    }
    this.#runs.push({ from: this.#length, to: this.#length + bytes.length });
    this.#length += bytes.length;
  }

  /** All names in order. Disposing the result disposes the runs. */
  merge(): SortedNames {
    const readers = this.#runs.map((run) => new RunReader(this.#fd, run));
    return {
      next: () => smallest(readers)?.take(),
      [Symbol.dispose]: () => {
        this[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#fd);
  }
}

/** Runs are few (one for each 50,000 names): looking at each is quick enough. */
function smallest(readers: readonly RunReader[]): RunReader | undefined {
  let best: RunReader | undefined;
  for (const reader of readers) {
    if (reader.name !== undefined && (best?.name === undefined || reader.name < best.name)) {
      best = reader;
    }
  }
  return best;
}

class RunReader {
  readonly #fd: number;
  readonly #to: number;
  #at: number;
  #names: string[] = [];
  #index = 0;
  /** What is left of a name whose end was not read yet. */
  #rest = '';
  name: string | undefined;

  constructor(fd: number, run: RunPlace) {
    this.#fd = fd;
    this.#at = run.from;
    this.#to = run.to;
    this.#advance();
  }

  take(): string | undefined {
    const { name } = this;
    this.#advance();
    return name;
  }

  #advance(): void {
    while (this.#index === this.#names.length && this.#at < this.#to) {
      this.#read();
    }
    this.name = this.#names[this.#index];
    this.#index += 1;
  }

  #read(): void {
    const bytes = Buffer.alloc(Math.min(readBytes, this.#to - this.#at));
    const read = fs.readSync(this.#fd, bytes, 0, bytes.length, this.#at);
    if (read === 0) {
      throw new Error('A temporary file of names ended early.');
    }
    this.#at += read;
    const names = (this.#rest + bytes.toString('latin1', 0, read)).split('\0');
    this.#rest = names.pop() ?? '';
    this.#names = names;
    this.#index = 0;
  }
}

function openNameless(): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trinity-backup-'));
  const file = path.join(folder, 'names');
  try {
    const fd = fs.openSync(file, 'wx+', 0o600);
    fs.unlinkSync(file);
    return fd;
  } finally {
    fs.rmdirSync(folder);
  }
}
