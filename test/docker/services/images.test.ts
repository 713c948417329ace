import { onTestFinished, describe, expect, it } from 'vitest';
import { containerStates, execIn } from '../../services/docker/containers.ts';
import {
  agentImage,
  busyboxImage,
  ensureAgentImage,
  ensureBusyboxImage,
} from '../../services/docker/images.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';

const engine = sharedEngine();

async function startContainer(name: string, image: string, command: readonly string[]): Promise<void> {
  const container = await engine.client.createContainer({
    name,
    Image: image,
    Cmd: [...command],
    HostConfig: { NetworkMode: 'none' },
  });
  onTestFinished(async () => await container.remove({ force: true }));
  await container.start();
}

describe('images of the tests', () => {
  it('have what an agent needs, in the base image of agents', async () => {
    await ensureAgentImage(engine);
    await startContainer('images-test', agentImage, ['sleep', '60']);
    const tools =
      'find --version | head -1; tar --version | head -1; git --version; sqlite3 --version; python3 -V; id -u';
    const { stdout } = await execIn(engine, 'images-test', ['bash', '-c', tools], '1000');
    expect(stdout).toMatch(/^find \(GNU.*\ntar \(GNU.*\ngit version .*\n3\..*\nPython 3\..*\n1000\n$/u);
  });

  it('take two megabytes, for tests that need a program only', async () => {
    await ensureBusyboxImage(engine);
    await startContainer('images-test', busyboxImage, ['/bin/sh', '-c', 'sleep 60']);
    expect((await containerStates(engine))['images-test']?.state).toBe('running');
  });

  it('tell output, errors and exit code of a program that runs in a container', async () => {
    await ensureBusyboxImage(engine);
    await startContainer('images-test', busyboxImage, ['/bin/sleep', '60']);
    const result = await execIn(engine, 'images-test', ['/bin/sh', '-c', 'echo out; echo error >&2; exit 3']);
    expect(result).toStrictEqual({ code: 3, stdout: 'out\n', stderr: 'error\n' });
  });
});
