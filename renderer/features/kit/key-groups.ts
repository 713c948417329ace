/** Letters that people mix up count as one, as on the sheet. */
function plain(text: string): string {
  return text
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/gu, '1')
    .replaceAll(/[^0-9A-Z]/gu, '');
}

export function groupsOf(recoveryKey: string): readonly string[] {
  return recoveryKey.split('-');
}

/** Two groups to ask for, not always the same: the places tell whoever types that the paper is needed. */
export function askedGroups(recoveryKey: string): readonly [number, number] {
  const count = groupsOf(recoveryKey).length;
  const seed = Array.from(recoveryKey).reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0);
  const first = seed % (count - 1);
  return [first, count - 1 === first ? 0 : count - 1];
}

export function isGroup(recoveryKey: string, at: number, typed: string): boolean {
  return plain(typed) === plain(groupsOf(recoveryKey)[at] ?? '') && typed !== '';
}
