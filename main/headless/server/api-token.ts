import { AppError } from '../../../shared/lib/app-error.ts';
import { ensureApiToken, readApiToken } from '../../app/home/api-token.ts';

/** The token as it is now: one that is changed by a command counts from the next request on. */
export class ApiToken {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Makes one where there is none. */
  static async open(file: string): Promise<ApiToken> {
    await ensureApiToken(file);
    return new ApiToken(file);
  }

  async read(): Promise<string> {
    const token = await readApiToken(this.#file);
    if (token !== undefined) return token;
    throw new AppError('refused', 'The API token is gone: make another with trinity-backup api-token --new.');
  }
}
