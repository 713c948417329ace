import { describe, expect, it } from 'vitest';
import {
  engineCandidates,
  type EngineSurroundings,
} from '../../../../main/trinity/docker/engine-candidates.ts';

const plain: EngineSurroundings = {
  env: {},
  platform: 'linux',
  home: '/home/me',
  uid: 1001,
  currentContext: undefined,
  contexts: [],
};

function hosts(around: Partial<EngineSurroundings>): readonly string[] {
  return engineCandidates({ ...plain, ...around }).map(({ host }) => host);
}

describe('engineCandidates', () => {
  it('looks at the socket of the system, the rootless one and those of Docker Desktop', () => {
    expect(hosts({})).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/1001/docker.sock',
      'unix:///home/me/.docker/run/docker.sock',
      'unix:///home/me/.docker/desktop/docker.sock',
    ]);
    expect(hosts({ platform: 'win32' })[0]).toBe('npipe:////./pipe/docker_engine');
    expect(hosts({ env: { XDG_RUNTIME_DIR: '/run/me' } })).toContain('unix:///run/me/docker.sock');
  });

  it('goes by DOCKER_HOST, then DOCKER_CONTEXT, then the current context, each place once', () => {
    const contexts = [
      { name: 'desk', host: 'unix:///desk.sock' },
      { name: 'far', host: 'ssh://far' },
      { name: 'other', host: 'unix:///other.sock' },
    ];
    const env = { DOCKER_HOST: 'unix:///var/run/docker.sock', DOCKER_CONTEXT: 'far' };
    const found = engineCandidates({ ...plain, env, contexts, currentContext: 'desk' });
    expect(found.map(({ host }) => host).slice(0, 3)).toEqual([
      'unix:///var/run/docker.sock',
      'ssh://far',
      'unix:///desk.sock',
    ]);
    expect(found.map(({ isExplicit }) => isExplicit).slice(0, 3)).toEqual([true, true, false]);
    expect(new Set(found.map(({ host }) => host)).size).toBe(found.length);
    expect(found.at(-1)?.host).toBe('unix:///other.sock');
  });

  it('takes an empty DOCKER_HOST and a context that is not there for none', () => {
    expect(hosts({ env: { DOCKER_HOST: '', DOCKER_CONTEXT: 'default' }, currentContext: 'gone' })).toEqual(
      hosts({}),
    );
  });
});
