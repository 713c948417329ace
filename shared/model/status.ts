import { z } from 'zod';

/** The states of UI.md 3, worst first: the first that fits is the state. */
export const stateNames = [
  'set up',
  'locked',
  'restoring',
  'recovering',
  'running',
  'damaged',
  'stopped',
  'failed',
  'stale',
  'attention',
  'uncovered',
  'copy behind',
  'first backup',
  'unproven',
  'warnings',
  'paused',
  'waiting',
  'protected',
] as const;

const stateName = z.enum(stateNames);

export type StateName = z.infer<typeof stateName>;

/** What a state looks like without colour: check in circle, clock, triangle, cross in octagon, lock, pause bars, arrow ring. */
export const stateShape = z.enum(['check', 'clock', 'triangle', 'cross', 'lock', 'pause', 'ring']);

export type StateShape = z.infer<typeof stateShape>;

/** Its colour: green, blue, amber, red. */
export const severity = z.enum(['good', 'info', 'attention', 'bad']);

export type Severity = z.infer<typeof severity>;

/** What mends a state: an operation with its input, or `show` with `{page}`, which leads a person there. */
export const statusAction = z.strictObject({
  label: z.string(),
  operation: z.string(),
  input: z.record(z.string(), z.json()),
});

export type StatusAction = Readonly<z.infer<typeof statusAction>>;

/** Something that is wrong, or worth an offer; several may be at once. `key` stays the same as long as the cause does. */
export const statusCause = z.strictObject({
  key: z.string(),
  severity,
  /** The consequence, in a few words: `No backup for 26 hours`. */
  title: z.string(),
  /** The cause and its age. */
  body: z.string(),
  action: statusAction.nullable(),
});

export type StatusCause = Readonly<z.infer<typeof statusCause>>;

/** How one source stands; times in ISO 8601, null for never. */
export const statusSource = z.strictObject({
  /** As `sourceText`. */
  source: z.string(),
  /** For people: `the database`, `agent research`. */
  name: z.string(),
  state: z.enum(['failed', 'stale', 'uncovered', 'unproven', 'protected']),
  sentence: z.string(),
  severity,
  lastBackupAt: z.iso.datetime().nullable(),
  provenAt: z.iso.datetime().nullable(),
});

export type StatusSource = Readonly<z.infer<typeof statusSource>>;

export const judgement = z.strictObject({
  state: stateName,
  sentence: z.string(),
  /** For a rail or a tooltip, without a full stop. */
  short: z.string(),
  shape: stateShape,
  severity,
  action: statusAction.nullable(),
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  causes: z.array(statusCause),
});

export type Judgement = Readonly<z.infer<typeof judgement>>;
