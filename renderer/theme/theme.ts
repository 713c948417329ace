import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Neutral greys with a touch of blue. */
const slate: MantineColorsTuple = [
  '#f8fafc',
  '#f1f5f9',
  '#e2e8f0',
  '#cbd5e1',
  '#94a3b8',
  '#64748b',
  '#475569',
  '#334155',
  '#1e293b',
  '#0f172a',
];

/** What dark pages are made of, lightest first. */
const dark: MantineColorsTuple = [
  '#e2e8f0',
  '#c3cddb',
  '#97a5b9',
  '#6c7a90',
  '#465267',
  '#35404f',
  '#27303d',
  '#1b222c',
  '#141a22',
  '#0e131a',
];

/** Colours, text sizes and shapes of every page; green, amber, red and blue are kept for states. */
export const theme = createTheme({
  primaryColor: 'teal',
  // White on it is read well in both themes.
  primaryShade: 9,
  colors: { gray: slate, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '15px' }, h3: { fontSize: '14px' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  autoContrast: true,
  components: {
    // Notices, panels and dialogs draw one without a name.
    CloseButton: { defaultProps: { 'aria-label': 'Close' } },
    // The list itself scrolls (page.css), as the arrows do it: an area within it is one that no key reaches.
    Select: { defaultProps: { withScrollArea: false } },
  },
});
