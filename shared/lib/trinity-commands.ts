type Told = Readonly<{
  /** As a backup records it. */
  install: Readonly<Record<string, unknown>>;
}>;

/** How Trinity is started, within its folder, by the form that the backed-up install had. */
export function startCommand({ install }: Told): string {
  if (install['form'] === 'hosted') return './scripts/deploy/start.sh --hosted';
  if (install['form'] === 'prod') return 'docker compose -f docker-compose.prod.yml up -d';
  return './scripts/deploy/start.sh';
}

/** How its database server is started alone. */
export function serverCommand({ install }: Told, folder: string): string {
  const form = install['form'];
  const file = form === 'hosted' || form === 'prod' ? ` -f docker-compose.${form}.yml` : '';
  return within(folder, `docker compose${file} up -d postgres`);
}

/** A command that is to be run in a folder. */
export function within(folder: string, command: string): string {
  return `cd ${shellWord(folder)} && ${command}`;
}

/** As one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
