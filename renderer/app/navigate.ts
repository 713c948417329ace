import { addressOf, type PageName } from './routes.ts';

/** Goes to a page; what it is to show stands in the address, so that going back goes back. */
export function navigate(
  page: PageName,
  parameters: Readonly<Record<string, string | undefined>> = {},
): void {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  window.location.hash = addressOf(page, Object.fromEntries(given));
}
