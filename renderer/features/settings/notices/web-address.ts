/** What is wrong with an address of a web service; an empty one is none. */
export function problemOfAddress(text: string): string | undefined {
  if (text === '') return undefined;
  const isWeb = /^https?:\/\//u.test(text) && URL.canParse(text);
  return isWeb && text.length <= 4096 ? undefined : 'Write it as https://example.com/hook.';
}
