const leastCharacters = 8;

/** What is wrong with a new passphrase, and with its repetition; what is still empty is no problem yet. */
export function passphraseProblems(
  passphrase: string,
  repeated: string,
): Readonly<{ passphrase: string | undefined; repeated: string | undefined }> {
  const isShort = passphrase !== '' && !isLong(passphrase);
  return {
    passphrase: isShort ? 'Use 8 characters or more.' : undefined,
    repeated: repeated !== '' && repeated !== passphrase ? 'The two are not the same.' : undefined,
  };
}

export function isPassphrase(passphrase: string, repeated: string): boolean {
  return isLong(passphrase) && passphrase === repeated;
}

/** Counted as the engine does. */
function isLong(passphrase: string): boolean {
  return Array.from(passphrase.normalize('NFC')).length >= leastCharacters;
}
