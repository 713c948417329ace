import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { sampleOtherVolumes, sampleVolumes } from '../../../main/trinity/sample/sample-plan.ts';
import { agentVolumeLabels, parseAgentVolumeName } from '../../../main/trinity/volume-name.ts';
import type { Engine } from '../docker/engine.ts';
import { project } from './checkout.ts';

const run = promisify(execFile);

/** Makes the engine's volumes of a sample's, with their labels, and brings the content of each to where the engine keeps it. */
export async function adoptVolumes(engine: Engine, volumesRoot: string): Promise<void> {
  for (const name of await readdir(volumesRoot)) {
    await engine.client.createVolume({ Name: name, Labels: { ...labelsOf(name) } });
    // The engine's folders are a mount of their own: nothing can be renamed into them. Owner, mode and times come along.
    await run('cp', ['-aT', path.join(volumesRoot, name, '_data'), engine.volumeData(name)]);
  }
  await rm(volumesRoot, { recursive: true, force: true });
}

export function isOfMiniature(volume: string): boolean {
  return (
    volume.startsWith('agent-') || volume.startsWith(`${project}_`) || sampleOtherVolumes.includes(volume)
  );
}

function labelsOf(name: string): Readonly<Record<string, string>> {
  if (name.startsWith(`${project}_`)) {
    return {
      'com.docker.compose.project': project,
      'com.docker.compose.volume': name.slice(project.length + 1),
    };
  }
  const parsed = parseAgentVolumeName(name);
  const isLabelled = sampleVolumes.some((volume) => volume.name === name && volume.labelled);
  return isLabelled && parsed !== undefined ? agentVolumeLabels(parsed) : {};
}
