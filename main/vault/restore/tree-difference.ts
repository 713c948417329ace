/**
 * One way in which a live tree is not what a listing says. `path` is shown text relative to the root (`.` is the root); `expected`
 * is what the listing says, `actual` what is there.
 */
export type TreeDifference = Readonly<{
  path: string;
  what:
    | 'missing'
    | 'extra'
    | 'kind'
    | 'mode'
    | 'uid'
    | 'gid'
    | 'mtime'
    | 'size'
    | 'content'
    | 'target'
    | 'xattrs'
    | 'link'
    /** A file has other names than this, inside the tree or not: `actual` is how many names there are in all. */
    | 'names'
    | 'unreadable';
  expected: string;
  actual: string;
}>;
