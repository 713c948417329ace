import type { Page } from 'playwright-core';
import { EngineSession } from '../../main/app/engine-session.ts';
import type { OperationOptions } from '../../main/app/operation.ts';
import type { TrayModel } from '../../main/app/tray/tray-model.ts';
import type { RestLab } from './rest-lab.ts';

/** What stands on the desktop and in a page that is open, without asking for it. */
export async function sentencesShown(
  tray: TrayModel | undefined,
  page: Page,
): Promise<Readonly<Record<'tooltip' | 'header' | 'overview', string | null | undefined>>> {
  const header = tray?.items[0];
  return {
    tooltip: tray?.tooltip,
    header: header?.kind === 'text' ? header.label : undefined,
    overview: await page.getByRole('main').getByRole('status').textContent(),
  };
}

export async function sentenceOfMetrics(rest: RestLab): Promise<string | undefined> {
  const { text } = await rest.ask({ path: '/metrics' });
  return /state_info\{.*sentence="(?<sentence>(?:[^"\\]|\\.)*)"/u.exec(text)?.groups?.['sentence'];
}

/** As the command line asks. */
export async function sentenceOfStatus(rest: RestLab): Promise<string> {
  const options: OperationOptions = { signal: new AbortController().signal, onProgress: () => undefined };
  await using session = new EngineSession({
    homeFolder: rest.home,
    passphrase: undefined,
    onNotice: () => undefined,
  });
  return (await session.run('status', {}, options)).sentence;
}
