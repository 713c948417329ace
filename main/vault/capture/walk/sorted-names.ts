/** Names of a folder, sorted bytewise; latin1 text of their bytes. */
export interface SortedNames extends Disposable {
  next(): string | undefined;
}
