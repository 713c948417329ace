import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import { backendContainer, findEngine } from '../../../../main/trinity/docker/find-engine.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { secondEngine, sharedEngine } from '../../../services/docker/test-engine.ts';
import { makeTinyImage, tinyImage } from './tiny-image.ts';

const { signal } = new AbortController();

function address(engine: Readonly<{ socket: string }>): string {
  return `unix://${engine.socket}`;
}

async function putTrinity(host: string): Promise<void> {
  const engine = await openDockerEngine(host);
  await makeTinyImage(engine, signal);
  const spec = { name: backendContainer, image: tinyImage, command: ['sleep', '1'], labels: {}, mounts: [] };
  const id = await engine.createContainer(spec, signal);
  onTestFinished(async () => await engine.removeContainer(id, signal));
}

/** A home whose docker command uses the context `here`, which leads to a host. */
async function homeWith(contexts: Readonly<Record<string, string>>): Promise<string> {
  const home = await tempFolder();
  for (const [name, host] of Object.entries(contexts)) {
    const folder = path.join(home, '.docker/contexts/meta', name);
    await mkdir(folder, { recursive: true });
    const context = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
    await writeFile(path.join(folder, 'meta.json'), JSON.stringify(context));
  }
  await writeFile(path.join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'here' }));
  return home;
}

describe('findEngine', () => {
  it('takes the engine that holds Trinity, wherever it is named, and says why', async () => {
    const host = address(sharedEngine());
    await putTrinity(host);
    const home = await homeWith({ here: 'unix:///nowhere.sock', there: host });
    const found = await findEngine({ dockerHost: undefined, env: {}, home }, signal);
    expect(found.engine.host).toBe(host);
    expect(found.hasTrinity).toBe(true);
    expect(found.why).toContain('the context there');
    expect(found.tried.find((one) => one.host === 'unix:///nowhere.sock')?.outcome).toContain(
      'No Docker engine',
    );
  });

  it('asks which one, when two engines hold Trinity, unless the operator has said it', async () => {
    const [one, other] = [address(sharedEngine()), address(await secondEngine())];
    await putTrinity(one);
    await putTrinity(other);
    const home = await homeWith({ here: one, there: other });
    const asked = await rejectionOf(findEngine({ dockerHost: undefined, env: {}, home }, signal));
    expect(asked).toMatchObject({ kind: 'refused' });
    for (const host of [one, other]) expect(String(asked)).toContain(host);
    const byHost = await findEngine({ dockerHost: other, env: {}, home }, signal);
    expect(byHost.engine.host).toBe(other);
    const byEnv = await findEngine({ dockerHost: undefined, env: { DOCKER_HOST: other }, home }, signal);
    expect(byEnv.engine.host).toBe(other);
  });

  it('takes two addresses of one engine for one', async () => {
    const { socket } = sharedEngine();
    await putTrinity(`unix://${socket}`);
    const doubled = `unix://${path.dirname(socket)}/./${path.basename(socket)}`;
    const home = await homeWith({ here: `unix://${socket}`, there: doubled });
    const found = await findEngine({ dockerHost: undefined, env: {}, home }, signal);
    expect(found.engine.host).toBe(`unix://${socket}`);
  });

  it('says to run elsewhere, when the only engine that is named is elsewhere', async () => {
    const home = await homeWith({ here: address(sharedEngine()) });
    const far = { DOCKER_HOST: 'ssh://far.example' };
    const asked = await rejectionOf(findEngine({ dockerHost: undefined, env: far, home }, signal));
    expect(asked).toMatchObject({ kind: 'refused', message: expect.stringContaining('far.example') });
  });

  it('says that none answers, and passes over a context that is damaged or closed', async () => {
    const home = await homeWith({ here: 'unix:///nowhere.sock' });
    await writeFile(path.join(home, '.docker/contexts/meta/here/meta.json'), '{"Name":');
    await chmod(path.join(home, '.docker/config.json'), 0);
    const env = { DOCKER_HOST: 'unix:///nothing-here.sock' };
    const asked = await rejectionOf(findEngine({ dockerHost: undefined, env, home }, signal));
    expect(asked).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('/nothing-here.sock'),
    });
  });
});
