/** What only a desktop has, for the calls of its pages. */
export type DesktopPort = Readonly<{
  /** The folder that a person chose; undefined for none. */
  chooseFolder: (title: string) => Promise<string | undefined>;
  /** Where a person wants a file to be written; `name` is offered. */
  chooseFile: (title: string, name: string) => Promise<string | undefined>;
  /** Shows a folder in the system's own way; rejects where it cannot. */
  openFolder: (folder: string) => Promise<void>;
  startsAtLogin: () => Promise<boolean>;
  startAtLogin: (isOn: boolean) => Promise<void>;
  /** Whether there is a tray on this desktop; undefined where that cannot be told. */
  hasTray: () => Promise<boolean | undefined>;
}>;
