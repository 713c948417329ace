import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { ensureApiToken, newApiToken } from '../home/api-token.ts';
import { operation } from '../operation.ts';

/** The token of the REST API; with `isNew` another one, which counts from the next request on. */
export const apiToken = operation(
  z.strictObject({ isNew: z.boolean() }),
  async ({ home, log }, { isNew }): Promise<Readonly<{ token: string }>> => {
    const token = isNew ? await newApiToken(home.apiTokenFile) : await ensureApiToken(home.apiTokenFile);
    log.redactor.learn(token);
    return { token };
  },
);

/** A link that opens the pages in a browser, once. */
export const pagesLink = operation(
  z.strictObject({}),
  async (engine): Promise<Readonly<{ link: string }>> => {
    if (engine.pagesLink !== undefined) return { link: engine.pagesLink() };
    throw new AppError('unavailable', 'Nothing serves the pages of this home: start trinity-backup serve.');
  },
);
