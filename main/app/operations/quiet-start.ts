import { z } from 'zod';
import { endQuietStart as end, type EndedQuietStart } from '../../backup/quiet/end-quiet-start.ts';
import { requireInstall } from '../home/home-install.ts';
import { operation } from '../operation.ts';

/** Turns on the schedules and waiting runs that the last restore had turned off. Nothing happens when none is off any more. */
export const endQuietStart = operation(
  z.strictObject({}),
  async (engine, _, options): Promise<EndedQuietStart> => {
    requireInstall((await engine.settings.read()).settings);
    return await engine.exclusively(
      'change',
      options,
      async (watched) => await end(await engine.services(), watched),
    );
  },
);
