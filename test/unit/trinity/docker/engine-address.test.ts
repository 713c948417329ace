import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { parseEngineAddress } from '../../../../main/trinity/docker/engine-address.ts';

describe('parseEngineAddress', () => {
  it('takes sockets, pipes and the loopback of this machine', () => {
    expect(parseEngineAddress('unix:///run/docker.sock')).toMatchObject({ path: '/run/docker.sock' });
    expect(parseEngineAddress('npipe:////./pipe/docker_engine')).toMatchObject({
      path: '//./pipe/docker_engine',
    });
    expect(parseEngineAddress('tcp://127.0.0.1:2375')).toMatchObject({ host: '127.0.0.1', port: 2375 });
    expect(parseEngineAddress('tcp://[::1]')).toMatchObject({ host: '::1', port: 2375 });
  });

  it.each([
    'ssh://root@backup.example',
    'tcp://10.0.0.7:2375',
    'tcp://127.0.0.1.evil.example:2375',
    'https://h:2376',
  ])('refuses %s, which is another machine, and says to run there', (url) => {
    const error = refusal(url);
    expect(error.kind).toBe('refused');
    expect(error.message).toContain('run serve there');
  });

  it('shows no password of a refused address', () => {
    expect(refusal('ssh://me:hush@host').message).not.toContain('hush');
    expect(refusal('tcp://me:hush@127.0.0.1:2375').message).not.toContain('hush');
  });

  it('tells what an address looks like, when it is none', () => {
    expect(refusal('docker.sock').kind).toBe('usage');
    expect(refusal('unix://').kind).toBe('usage');
  });
});

function refusal(url: string): AppError {
  try {
    parseEngineAddress(url);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error(`${url} was taken`);
}
