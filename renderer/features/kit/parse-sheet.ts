/** The parts of the engine's sheet: its style, made by code, which is no inline style to a policy, and what stands on it. */
export function parseSheet(html: string): Readonly<{ style: CSSStyleSheet; content: readonly Node[] }> {
  const style = new CSSStyleSheet();
  // In a shadow there is no body: what the sheet says of it goes for the host.
  style.replaceSync(between(html, 'style').replaceAll(/\bbody\b/gu, ':host'));
  const { body } = new DOMParser().parseFromString(between(html, 'body'), 'text/html');
  return { style, content: [...body.childNodes] };
}

/** Only that part is parsed at all: the policy of the page would complain of a style that nobody uses. */
function between(html: string, name: 'style' | 'body'): string {
  const start = html.indexOf(`<${name}>`);
  const end = html.lastIndexOf(`</${name}>`);
  return start === -1 || end < start ? '' : html.slice(start + name.length + 2, end);
}
