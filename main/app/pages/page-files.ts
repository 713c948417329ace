import path from 'node:path';
import { ownFiles } from './own-files.ts';
import { originOf, pageOrigin } from './own-page.ts';
import { pagePolicy } from './page-policy.ts';

export type PageAnswer = Readonly<{
  status: 200 | 404 | 405;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array<ArrayBuffer>;
}>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * The built pages of the desktop window. Only files that were there at the start are given out, by their exact names: an address is looked
 * up and never joined to a path, so that none leads out of the folder.
 */
export class PageFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  private constructor(folder: string, names: ReadonlySet<string>) {
    this.#folder = folder;
    this.#names = names;
  }

  static async open(folder: string): Promise<PageFiles> {
    const found = await ownFiles.readdir(folder, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile());
    const names = files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
    return new PageFiles(folder, new Set(names.map((name) => `/${name.split(path.sep).join('/')}`)));
  }

  /** What a request for an address is answered with. */
  async answer({ url, method }: Readonly<{ url: string; method: string }>): Promise<PageAnswer> {
    if (method !== 'GET') return refusal(405);
    const name = nameOf(url);
    if (name === undefined || !this.#names.has(name)) return refusal(404);
    const type = types[path.extname(name)] ?? 'application/octet-stream';
    const body = new Uint8Array(await ownFiles.readFile(path.join(this.#folder, name)));
    return { status: 200, headers: headersOf(type), body };
  }
}

function nameOf(address: string): string | undefined {
  if (originOf(address) !== pageOrigin) return undefined;
  const { pathname } = new URL(address);
  return pathname === '/' ? '/index.html' : pathname;
}

function refusal(status: 404 | 405): PageAnswer {
  return { status, headers: headersOf('text/plain; charset=utf-8'), body: new Uint8Array() };
}

function headersOf(type: string): PageAnswer['headers'] {
  return {
    'content-type': type,
    'content-security-policy': pagePolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
