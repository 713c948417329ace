import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { daemonPid } from '../../services/docker/daemon.ts';
import { startEngine } from '../../services/docker/engine.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';

describe('engine of the tests', () => {
  it('keeps volumes where it says, apart from those of a second engine', async () => {
    const [shared, second] = [sharedEngine(), await secondEngine()];
    await second.client.createVolume({ Name: 'engine-test' });
    const volumes = await shared.client.listVolumes();
    expect(existsSync(second.volumeData('engine-test'))).toBe(true);
    expect(volumes.Volumes.map(({ Name }) => Name)).not.toContain('engine-test');
  });

  it('has what it had, when it is killed and started again', async () => {
    const engine = await secondEngine();
    await engine.client.createVolume({ Name: 'engine-test' });
    await engine.stop('SIGKILL');
    await expect(engine.client.ping()).rejects.toThrow(/ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/u);
    await engine.start();
    expect((await engine.client.listVolumes()).Volumes).toHaveLength(1);
  });

  it('leaves no process, no mount and no file behind, when it is removed', async () => {
    const engine = await startEngine();
    expect(await daemonPid(engine.place)).toBeDefined();
    await engine.remove();
    expect(await daemonPid(engine.place)).toBeUndefined();
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(engine.place.folder);
    expect(existsSync(engine.place.folder)).toBe(false);
  });
});
