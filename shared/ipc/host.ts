/**
 * What only a desktop can do for its pages. A browser has none of it, and pages have a way of their own there: paths are typed or chosen
 * from a list of the engine's, files are downloaded.
 */
export type PageHost = Readonly<{
  kind: 'browser' | 'desktop';
  /** The system's own dialog; undefined: nothing was chosen. */
  chooseFolder?: (title: string) => Promise<string | undefined>;
  /** Where a file is to be saved, an absolute path; undefined: nowhere. */
  chooseNewFile?: (title: string, suggestedName: string) => Promise<string | undefined>;
  /** Shows a folder in the file manager. */
  openFolder?: (folder: string) => Promise<void>;
  /** Whether the application starts, hidden, when its user logs in. */
  startAtLogin?: Readonly<{ read: () => Promise<boolean>; set: (isOn: boolean) => Promise<void> }>;
  /** Whether this desktop shows a tray. */
  hasTray?: () => Promise<boolean>;
}>;

export const browserHost: PageHost = { kind: 'browser' };
