import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CredentialStore } from '../../../main/app/home/credential-store.ts';
import { openHome } from '../../../main/app/home/home.ts';
import type { Home } from '../../../main/app/home/home.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const secret = 'AKIDEXAMPLE\nwJalrXUtnFEMI-very-secret';

async function newStore(): Promise<Readonly<{ home: Home; store: CredentialStore }>> {
  const home = await openHome(await tempFolder());
  return { home, store: new CredentialStore(home) };
}

describe('CredentialStore', () => {
  it('keeps each name its own, sealed in a file of its owner alone', async () => {
    const { home, store } = await newStore();
    await Promise.all([store.keep('s3://a', secret), store.keep('smtp', 'other')]);
    expect(await new CredentialStore(home).read('s3://a')).toBe(secret);
    expect(await store.read('smtp')).toBe('other');
    expect(await store.read('s3://b')).toBeUndefined();
    const text = await readFile(home.credentialsFile, 'utf8');
    expect(text).not.toMatch(/AKID|wJal|other/u);
    expect((await stat(home.credentialsFile)).mode & 0o777).toBe(0o600);
  });

  it('replaces and forgets', async () => {
    const { store } = await newStore();
    await store.keep('smtp', 'one');
    await store.keep('smtp', 'two');
    await store.keep('other', 'three');
    expect(await store.read('smtp')).toBe('two');
    await store.forget('smtp');
    expect(await store.read('smtp')).toBeUndefined();
    expect(await store.read('other')).toBe('three');
  });

  it('opens nothing without the device key, nor under another name', async () => {
    const { home, store } = await newStore();
    await store.keep('one', secret);
    const text = await readFile(home.credentialsFile, 'utf8');
    await writeFile(home.credentialsFile, text.replace('"one"', '"two"'));
    await expect(store.read('two')).rejects.toMatchObject({ kind: 'no-key' });
    await writeFile(home.credentialsFile, text);
    await rm(home.deviceKeyFile);
    await expect(store.read('one')).rejects.toMatchObject({ kind: 'no-key' });
  });

  it('writes nothing over a file that it cannot read', async () => {
    const { home, store } = await newStore();
    await writeFile(home.credentialsFile, '{"format":2}');
    await expect(store.read('one')).rejects.toMatchObject({ kind: 'failed' });
    await expect(store.keep('one', secret)).rejects.toMatchObject({ kind: 'failed' });
    expect(await readFile(home.credentialsFile, 'utf8')).toBe('{"format":2}');
  });
});
