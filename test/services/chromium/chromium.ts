import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The browser of the machine: playwright's own builds are not fetched. */
function chromiumFile(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders
    .flatMap((folder) =>
      ['chromium', 'chromium-browser', 'google-chrome'].map((name) => path.join(folder, name)),
    )
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why no browser can be started here, or undefined. */
export function whyNoChromium(): string | undefined {
  return chromiumFile() === undefined ? 'there is no chromium: apt-get install chromium' : undefined;
}

/** A browser with a new profile, that speaks to nobody on its own. */
export async function startChromium(): Promise<Browser> {
  const executablePath = chromiumFile();
  if (executablePath === undefined) throw new Error('There is no chromium.');
  return await chromium.launch({
    executablePath,
    args: [
      // Tests run as root, who gets no sandbox.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
