import { stateOutlines } from '../../shared/lib/state-outlines.ts';
import type { StateShape } from '../../shared/model/status.ts';

/** The colour of a shape, and of the marks on it: `cut` leaves them open, so that whatever is behind shows. */
export type Ink = Readonly<{ body: string; marks: string }>;

/** What macOS colours itself: it looks at the opacity alone. */
export const templateInk: Ink = { body: '#000000', marks: 'cut' };

const white = '#ffffff';

/** Middle tones, seen on a light panel and on a dark one. */
export const colourInks: Readonly<Record<StateShape, Ink>> = {
  check: { body: '#2b8a3e', marks: white },
  clock: { body: '#1c7ed6', marks: white },
  triangle: { body: '#f08c00', marks: '#2b1a00' },
  cross: { body: '#e03131', marks: white },
  lock: { body: '#e03131', marks: white },
  pause: { body: '#1c7ed6', marks: white },
  ring: { body: '#1c7ed6', marks: white },
};

/** One shape as a picture: filled, since an outline of the page is too thin for 16 pixels. */
export function traySvg(shape: StateShape, ink: Ink): string {
  const { body, lines, marks } = stateOutlines[shape];
  const isCut = ink.marks === 'cut';
  const filled = [
    // The outline is drawn too: it rounds the corners and makes the body as large as the page has it.
    body === undefined ? '' : `<path d="${body}" fill="${ink.body}" stroke-width="2"/>`,
    ...lines.map((line) => `<path d="${line}" stroke-width="2.600"/>`),
  ].join('');
  const strokes = marks.map((mark) => `<path d="${mark}"/>`).join('');
  const cut = `<mask id="cut" maskUnits="userSpaceOnUse" x="0" y="0" width="24" height="24">
<rect width="24" height="24" fill="#ffffff"/><g stroke="#000000" stroke-width="2.600">${strokes}</g></mask>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="1 1 22 22" fill="none" stroke-linecap="round" stroke-linejoin="round">
${isCut ? cut : ''}
<g stroke="${ink.body}"${isCut ? ' mask="url(#cut)"' : ''}>${filled}</g>
${isCut ? '' : `<g stroke="${ink.marks}" stroke-width="2.600">${strokes}</g>`}
</svg>`;
}
