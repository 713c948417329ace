const RealDate = Date;
let offsetMs = 0;

/** `Date` of this thread, moved: what the demo did on earlier days is told as of those days, and each run of it tells the same. */
class MovedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    // What stands behind it takes whatever `Date` takes.
    super(...((given.length === 0 ? [MovedDate.now()] : given) as [number]));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

/** Before anything that reads the time is imported. */
globalThis.Date = MovedDate as DateConstructor;

/** It is `moment` now; time goes on from there. */
export function setDemoTime(moment: Date): void {
  offsetMs = moment.getTime() - RealDate.now();
}
