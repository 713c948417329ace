import { Portal } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { parseSheet } from './parse-sheet.ts';
import classes from './RecoverySheet.module.css';

/** The sheet as the engine makes it: a preview on the page, and alone on the paper when the page is printed. */
export function RecoverySheet({ html }: Readonly<{ html: string }>) {
  const shown = useSheet(html);
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
      <div ref={shown} className={classes['preview']} role="group" aria-label="Recovery kit" tabIndex={0} />
      <Portal reuseTargetNode={false}>
        <PrintedSheet html={html} />
      </Portal>
    </>
  );
}

/** A component of its own: what lies in a portal is there only after what is around it. */
function PrintedSheet({ html }: Readonly<{ html: string }>) {
  const printed = useSheet(html);
  return <div ref={printed} className={classes['printed']} aria-hidden="true" />;
}

/** In a shadow the style of the sheet holds, and none of ours. */
function useSheet(html: string) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const shadow = place.current.shadowRoot ?? place.current.attachShadow({ mode: 'open' });
    const { style, content } = parseSheet(html);
    shadow.adoptedStyleSheets = [style];
    shadow.replaceChildren(...content);
  }, [html]);
  return place;
}
