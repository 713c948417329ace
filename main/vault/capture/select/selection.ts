import type { Selected } from '../thread/capture-messages.ts';

/** Which files of a tree have to be sent. */
export type Selection = Selected &
  Readonly<{
    /** The tree stream as it came, and the wanted stream of what it holds: files in the scratch folder. */
    recordsFile: string;
    wantedFile: string;
  }>;
