import { AppError } from '../../../shared/lib/app-error.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';
import { isVolumeName } from '../volume-name.ts';
import type { VolumeFacts } from './engine-facts.ts';
import { volumeListShape, volumeShape } from './engine-shapes.ts';
import type { EngineTransport } from './engine-transport.ts';

export type NewVolume = Pick<VolumeFacts, 'name' | 'driver' | 'labels' | 'options'>;

export type VolumeCalls = Readonly<{
  listVolumes: (signal: AbortSignal) => Promise<readonly VolumeFacts[]>;
  /** Undefined when it is not there. Asking never makes one, as starting a container would. */
  inspectVolume: (volume: string, signal: AbortSignal) => Promise<VolumeFacts | undefined>;
  /** Makes an empty volume with exactly these; `refused` when one of this name is there. */
  createVolume: (volume: NewVolume, signal: AbortSignal) => Promise<VolumeFacts>;
  /** `busy` while any container, a stopped one too, mounts it; nothing happens when it is not there. */
  removeVolume: (volume: string, signal: AbortSignal) => Promise<void>;
}>;

const removeStallMs = 600_000;

export function volumeCalls(transport: EngineTransport): VolumeCalls {
  const inspectVolume: VolumeCalls['inspectVolume'] = async (volume, signal) => {
    const doing = `inspect the volume ${volume}`;
    return await transport.find({ method: 'GET', path: pathOf(volume), doing }, volumeShape, signal);
  };
  return {
    inspectVolume,
    listVolumes: async (signal) => {
      const doing = 'list the volumes';
      const volumes = await transport.json(
        { method: 'GET', path: '/volumes', doing },
        volumeListShape,
        signal,
      );
      return volumes.toSorted((one, other) => compareNames(one.name, other.name));
    },
    createVolume: async (volume, signal) => {
      pathOf(volume.name);
      // The engine answers with the volume that is there, whatever its labels: only asking first tells.
      if ((await inspectVolume(volume.name, signal)) !== undefined) {
        const message = `The volume ${volume.name} is there already. Remove or rename it, then try again.`;
        throw new AppError('refused', message);
      }
      const { name, driver, labels, options } = volume;
      const body = { Name: name, Driver: driver, Labels: labels, DriverOpts: options };
      const doing = `make the volume ${name}`;
      const secrets = Object.values(options);
      const request = { method: 'POST', path: '/volumes/create', body, doing, secrets } as const;
      return await transport.json(request, volumeShape, signal);
    },
    removeVolume: async (volume, signal) => {
      const doing = `remove the volume ${volume}`;
      try {
        const request = { method: 'DELETE', path: pathOf(volume), stallMs: removeStallMs, doing } as const;
        await transport.text(request, signal);
      } catch (error) {
        if (!(error instanceof AppError) || error.kind !== 'not-found') throw error;
      }
    },
  };
}

function pathOf(volume: string): string {
  if (!isVolumeName(volume))
    throw new AppError('refused', 'A volume has a name that Docker would refuse. Leave it out.');
  return `/volumes/${volume}`;
}
