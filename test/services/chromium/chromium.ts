import { type Browser, chromium } from 'playwright-core';
import { findProgram } from '../docker/programs.ts';

/** The browser of the machine: playwright's own builds are not fetched. */
function chromiumFile(): string | undefined {
  return findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');
}

/** Why no browser can be started here, or undefined. */
export function whyNoChromium(): string | undefined {
  return chromiumFile() === undefined ? 'there is no chromium: apt-get install chromium' : undefined;
}

/** How long a browser, and what a page is to show, is waited for on whatever machine. */
export const patienceMs = 100_000;

/** A browser with a new profile, that speaks to nobody on its own. */
export async function startChromium(): Promise<Browser> {
  const executablePath = chromiumFile();
  if (executablePath === undefined) throw new Error('There is no chromium.');
  return await chromium.launch({
    executablePath,
    timeout: patienceMs,
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
