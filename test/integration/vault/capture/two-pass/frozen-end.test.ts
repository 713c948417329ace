import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { HostAccess } from '../../../../../main/vault/capture/access/host-access.ts';
import type { ListOptions, TreeAccess } from '../../../../../main/vault/capture/records/tree-access.ts';
import { openListing } from '../../../../../main/vault/listing/open-listing.ts';
import { MemoryChunks } from '../../../../fakes/memory-chunks.ts';
import { tempFolder } from '../../../../helpers/temp-folder.ts';
import { captureTwice } from '../../../../helpers/two-pass.ts';
import type { TwoPasses } from '../../../../helpers/two-pass.ts';

async function tree(): Promise<string> {
  const root = await tempFolder();
  fs.writeFileSync(join(root, 'file'), 'before');
  return root;
}

/** An access whose second look, the frozen one, goes wrong. */
class BrokenAccess implements TreeAccess {
  readonly #host: HostAccess;
  readonly #second: Partial<Pick<TreeAccess, 'list' | 'send'>>;
  #lists = 0;
  #sends = 0;

  constructor(root: string, second: Partial<Pick<TreeAccess, 'list' | 'send'>>) {
    this.#host = new HostAccess(root);
    this.#second = second;
  }

  list(options: ListOptions): AsyncIterable<Uint8Array> {
    this.#lists += 1;
    const list = this.#lists === 2 ? this.#second.list : undefined;
    return list === undefined ? this.#host.list(options) : list(options);
  }

  send(wanted: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.#sends += 1;
    const send = this.#sends === 2 ? this.#second.send : undefined;
    return send === undefined ? this.#host.send(wanted, signal) : send(wanted, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

async function withSecond(second: Partial<Pick<TreeAccess, 'list' | 'send'>>): Promise<TwoPasses> {
  const root = await tree();
  await using access = new BrokenAccess(root, second);
  return await captureTwice(root, new MemoryChunks(), { tree: { kind: 'access', access, exclude: [] } });
}

async function* cutOff(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.subarray(0, piece.length - 1);
}

describe('the end of a frozen pass', () => {
  it('has what it takes started before anything stands still, and names the list that it was given then', async () => {
    const said: string[] = [];
    const root = await tree();
    const host = new HostAccess(root);
    let told = Buffer.alloc(0);
    const access: TreeAccess = {
      async *list({ again = false, since, ...options }) {
        said.push(
          `list again ${again} since ${since === undefined ? '' : fs.readFileSync(since).equals(told)}`,
        );
        for await (const piece of host.list({ ...options })) {
          told = Buffer.concat([told, piece]);
          yield piece;
        }
      },
      send: (wanted, signal) => host.send(wanted, signal),
      prepare: async () => {
        said.push('prepare');
        await Promise.resolve();
      },
      [Symbol.asyncDispose]: async () => await host[Symbol.asyncDispose](),
    };
    await captureTwice(root, new MemoryChunks(), {
      tree: { kind: 'access', access, exclude: [] },
      change: () => said.push('freeze'),
    });
    expect(said).toStrictEqual([
      'list again true since ',
      'prepare',
      'freeze',
      'list again false since true',
    ]);
  });

  it('resumes and keeps the first pass when there is no more time, and says so', async () => {
    const root = await tree();
    const chunks = new MemoryChunks();
    const { result, calls } = await captureTwice(root, chunks, {
      budgetMs: 50,
      freeze: async (signal, onBegun) => {
        fs.writeFileSync(join(root, 'file'), 'after the first pass');
        onBegun();
        await delay(60_000, undefined, { signal }).catch(() => undefined);
      },
    });
    expect(result).toMatchObject({ isConsistent: false, frozen: undefined });
    expect(result.reason).toMatch(/longer than the 0\.1 s/u);
    expect(calls).toStrictEqual(['resume']);
    const listing = await openListing(chunks, result.capture.listing);
    expect(await listing.entry(Buffer.from('file'))).toMatchObject({ stat: { size: 6 } });
  });

  it('gives up a sender that says nothing more when there is no more time', async () => {
    const { result, calls } = await captureTwiceWithSilence();
    expect(result.isConsistent).toBe(false);
    expect(calls).toStrictEqual(['freeze', 'resume']);
  });

  it('keeps the first pass when more changed than there is room for', async () => {
    const root = await tree();
    const { result, calls } = await captureTwice(root, new MemoryChunks(), {
      mostSpoolBytes: 100_000,
      change: () => {
        fs.writeFileSync(join(root, 'large'), Buffer.alloc(1_000_000, 1));
      },
    });
    expect(result.reason).toMatch(/room/u);
    expect(result.capture.listing.entries).toBe(2);
    expect(calls).toStrictEqual(['freeze', 'resume']);
  });

  it('keeps the first pass when freezing fails, and resumes what may be frozen', async () => {
    const { result, calls } = await captureTwice(await tree(), new MemoryChunks(), {
      freeze: async () => {
        throw new AppError('failed', 'The engine went away.');
      },
    });
    expect(result).toMatchObject({ isConsistent: false, reason: 'The engine went away.' });
    expect(calls).toStrictEqual(['resume']);
  });

  it.each<readonly [string, Partial<Pick<TreeAccess, 'list' | 'send'>>]>([
    ['cuts off its list', { list: (options) => cutOff(new HostAccess('/usr/share/zoneinfo').list(options)) }],
    [
      'lists forever',
      {
        async *list() {
          for (;;) yield Buffer.alloc(1_000_000);
        },
      },
    ],
    [
      'throws while it sends',
      {
        // eslint-disable-next-line require-yield -- it fails before it could
        async *send() {
          throw new AppError('failed', 'It went away.');
        },
      },
    ],
  ])('resumes and keeps the first pass when the sender %s', async (_what, second) => {
    const { result, calls } = await withSecond(second);
    expect(result).toMatchObject({ isConsistent: false, frozen: undefined });
    expect(calls).toStrictEqual(['freeze', 'resume']);
  });

  it('says that a copy is not of one moment when something ran meanwhile', async () => {
    const { result } = await captureTwice(await tree(), new MemoryChunks(), {
      resume: async () => ({ wasFrozen: false, reason: 'A container was started meanwhile.' }),
    });
    expect(result).toMatchObject({ isConsistent: false, reason: 'A container was started meanwhile.' });
    expect(result.frozen).toBeDefined();
  });

  it('resumes before it tells that the run was cancelled', async () => {
    const controller = new AbortController();
    const calls: string[] = [];
    const run = captureTwice(await tree(), new MemoryChunks(), {
      signal: controller.signal,
      change: () => {
        controller.abort();
      },
      resume: async () => {
        calls.push('resume');
        return { wasFrozen: true };
      },
    });
    await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
    expect(calls).toStrictEqual(['resume']);
  });

  it('fails when it cannot be resumed', async () => {
    const failure = new AppError('failed', 'Not resumed.');
    const run = captureTwice(await tree(), new MemoryChunks(), {
      resume: async () => {
        throw failure;
      },
    });
    await expect(run).rejects.toBe(failure);
  });

  it('asks nothing of the vault between freezing and resuming', async () => {
    const root = await tree();
    const chunks = new MemoryChunks();
    const { result } = await captureTwice(root, chunks, {
      freeze: async () => {
        fs.writeFileSync(join(root, 'new'), 'new');
        chunks.read = async () => await new Promise(() => undefined);
        chunks.beforeStore = async () => await new Promise(() => undefined);
        chunks.knows = () => {
          throw new Error('The vault was asked.');
        };
      },
      resume: async () => {
        chunks.beforeStore = async () => {};
        return { wasFrozen: true };
      },
    });
    expect(result).toMatchObject({ isConsistent: true, frozen: { filesRead: 1 } });
  });
});

async function captureTwiceWithSilence(): Promise<TwoPasses> {
  const root = await tree();
  await using access = new BrokenAccess(root, {
    // eslint-disable-next-line require-yield -- it never says anything
    async *list() {
      await new Promise(() => undefined);
    },
  });
  return await captureTwice(root, new MemoryChunks(), {
    tree: { kind: 'access', access, exclude: [] },
    budgetMs: 200,
  });
}
