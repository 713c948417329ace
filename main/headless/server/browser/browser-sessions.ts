import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const linkMs = 3_600_000;
const sessionMs = 30 * 24 * 3_600_000;
const mostLinks = 100;

/**
 * Lets browsers in: a code of a link is good once and for an hour, and becomes a cookie that is good for thirty days, also after a
 * restart. Cookies are signed with the API token: a new token ends them all.
 */
export class BrowserSessions {
  readonly #now: () => number;
  readonly #codes = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  newCode(): string {
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(code, this.#now() + linkMs);
    for (const old of [...this.#codes.keys()].slice(0, -mostLinks)) this.#codes.delete(old);
    return code;
  }

  /** The value of a new cookie; undefined for a code that was used, is too old or never was. */
  redeem(code: string, token: string): string | undefined {
    const until = this.#codes.get(code);
    this.#codes.delete(code);
    if (until === undefined || this.#now() >= until) return undefined;
    const value = `${String(this.#now())}.${randomBytes(12).toString('base64url')}`;
    return `${value}.${sign(token, `session ${value}`)}`;
  }

  isValid(cookie: string, token: string): boolean {
    const [issued = '', nonce = '', signature = '', ...more] = cookie.split('.');
    if (more.length > 0 || !/^\d{1,16}$/.test(issued)) return false;
    const isOurs = isSame(signature, sign(token, `session ${issued}.${nonce}`));
    // A clock that was set back leaves cookies in the future: good for a day at most.
    const ageMs = this.#now() - Number(issued);
    return isOurs && ageMs < sessionMs && ageMs > -86_400_000;
  }
}

/** What a page has to send with every write, which no other site can know. */
export function antiForgeryOf(cookie: string, token: string): string {
  return sign(token, `anti-forgery ${cookie}`);
}

/** A comparison that takes as long whatever is the same. */
export function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function sign(token: string, text: string): string {
  return createHmac('sha256', token).update(text).digest('base64url');
}
