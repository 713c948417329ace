import type { S3Request } from './exchange.ts';

/** What becomes of one request. */
export type Fault =
  /** This answer; nothing is done. */
  | Readonly<{ kind: 'answer'; status: number; code?: string; headers?: Record<string, string> }>
  /** The same, but what was asked for has been done. */
  | Readonly<{ kind: 'answer-done'; status: number; code?: string }>
  /** Said to be done, and not done. */
  | Readonly<{ kind: 'lie' }>
  /** Done as asked, but only then. */
  | Readonly<{ kind: 'hold'; until: Promise<void> }>
  /** The connection ends: before anything is done, or when it is; `until`: nothing is heard before. */
  | Readonly<{ kind: 'reset'; when: 'before' | 'after'; until?: Promise<void> }>
  /** No answer, ever; done or not. */
  | Readonly<{ kind: 'stall'; when: 'before' | 'after' }>
  /** The body ends too early, with its whole length said, or with less said too. */
  | Readonly<{ kind: 'truncate'; bytes: number; says: 'whole' | 'part' }>
  /** The body stops in its middle, and nothing more comes. */
  | Readonly<{ kind: 'freeze'; bytes: number }>;

/** Decides about each request, of which `number` counts from 1. */
export type FaultPlan = (request: S3Request, number: number) => Fault | undefined;

export const noFaults: FaultPlan = () => undefined;

/** The first `times` requests that fit meet the fault. */
export function firstOf(times: number, fits: (request: S3Request) => boolean, fault: Fault): FaultPlan {
  let left = times;
  return (request) => {
    if (left === 0 || !fits(request)) return undefined;
    left -= 1;
    return fault;
  };
}

export function isPut(request: S3Request): boolean {
  return request.method === 'PUT' && request.key !== undefined;
}

export function isGet(request: S3Request): boolean {
  return request.method === 'GET' && request.key !== undefined;
}

export function isList(request: S3Request): boolean {
  return request.method === 'GET' && request.key === undefined;
}
