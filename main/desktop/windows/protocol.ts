import { protocol } from 'electron';
import { pageScheme } from '../../app/pages/own-page.ts';
import { PageFiles } from '../../app/pages/page-files.ts';

/** Before ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: pageScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Answers for the scheme of the pages, and for nothing else. */
export async function servePages(folder: string): Promise<void> {
  const files = await PageFiles.open(folder);
  protocol.handle(pageScheme, async (request) => {
    const { status, headers, body } = await files.answer(request);
    return new Response(body, { status, headers });
  });
}
