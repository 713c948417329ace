import { codeOf } from '../../../client/code.ts';

/** Drawing takes more code and time than all the rest of the page, which must not wait for it. */
export const chartsCode = codeOf('charts', 'The charts', async () => (await import('./Charts.tsx')).Charts);
