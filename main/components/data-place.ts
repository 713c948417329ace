import { AppError } from '../../shared/lib/app-error.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { HelperTarget } from '../trinity/helper/volume-helpers.ts';
import type { HelperPlace } from './component-handler.ts';

type DataOfInstall = Pick<TrinityInstall, 'engine' | 'dataAccess' | 'dataFolder' | 'dataVolume'>;

/** How a helper reaches `/data`; undefined where it is read and written in a folder here. */
export function dataTarget({ dataAccess, dataFolder, dataVolume }: DataOfInstall): HelperTarget | undefined {
  if (dataAccess.mode !== 'helper') return undefined;
  return dataVolume === undefined
    ? { kind: 'bind', source: dataFolder, containers: [] }
    : { kind: 'volume', source: dataVolume, containers: [] };
}

/** The same for a restore. `unavailable` where no helper can be had either. */
export function dataPlace(install: DataOfInstall): HelperPlace {
  const live = dataTarget(install);
  if (live !== undefined && install.engine !== undefined) return { live, hasLive: true };
  const message = `The folder of Trinity's data cannot be written from here (${install.dataAccess.reason}) Restore it into a folder (--to), or as root on the engine's host.`;
  throw new AppError('unavailable', message);
}
