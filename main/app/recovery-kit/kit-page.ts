import { kitStyle } from './kit-style.ts';

/** What stands on the sheet. */
export type KitFacts = Readonly<{
  location: string;
  vaultId: string;
  recoveryKey: string;
  keyId: string;
  /** Folder of the install that the vault is of; undefined when the home has none. */
  installFolder: string | undefined;
  hostName: string;
  /** ISO 8601 in UTC. */
  madeAt: string;
  productVersion: string;
  /** The recovery key as a QR code: an `<svg>` element. */
  qrCode: string;
}>;

/** One self-contained page of HTML, printed on one sheet of A4 or Letter: no scripts, nothing loaded from anywhere. */
export function kitPage(facts: KitFacts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Trinity Backup recovery kit</title>
<style>${kitStyle}</style>
</head>
<body>
<main>
<header>
<h1>Trinity Backup recovery kit</h1>
<p>With this sheet and the vault, everything can be restored on an empty machine. Whoever has both can read it all: keep the sheet like a deed, away from the machine.</p>
</header>
<section class="key">
<div>
<h2>Recovery key</h2>
<p class="groups">${groups(facts.recoveryKey)}</p>
<p class="small">Letters and digits only; O counts as 0, I and L as 1. Case, spaces and dashes do not matter.</p>
</div>
<figure>${facts.qrCode}<figcaption>The same key</figcaption></figure>
</section>
<table>
${factRows(facts)}
</table>
<h2>Restore on an empty machine</h2>
<ol>
${steps(facts)
  .map((step) => `<li>${step}</li>`)
  .join('\n')}
</ol>
<footer>
<p>If this sheet is lost: <code>trinity-backup keys remove ${escapeHtml(facts.keyId)}</code>, then <code>trinity-backup keys rotate</code>; it opens nothing that is backed up from then on.</p>
<p>Made ${escapeHtml(facts.madeAt.slice(0, 16).replace('T', ' '))} UTC by Trinity Backup ${escapeHtml(facts.productVersion)}.</p>
</footer>
</main>
</body>
</html>
`;
}

function groups(recoveryKey: string): string {
  return recoveryKey
    .split('-')
    .map((group) => `<span>${escapeHtml(group)}</span>`)
    .join('<wbr>');
}

function factRows({ location, vaultId, installFolder, hostName, keyId }: KitFacts): string {
  const rows: (readonly [string, string])[] = [
    ['Vault', location],
    ['Vault id', vaultId],
    ['Key id', keyId],
    ['Machine', hostName],
    ...(installFolder === undefined ? [] : [['Install', installFolder] as const]),
  ];
  return rows.map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`).join('\n');
}

function steps({ location, recoveryKey, installFolder }: KitFacts): string[] {
  const command = (text: string): string => `<pre>${escapeHtml(text)}</pre>`;
  const isBucket = location.startsWith('s3://');
  const credentials = isBucket ? ' --credentials-file FILE' : '';
  return [
    `Put Trinity Backup on a Linux machine with Node.js 20 or newer. In its source folder:${command('npm ci && npm run build && npm link')}`,
    isBucket
      ? 'The vault is in a bucket: have its access key at hand. For commands, write it into the first line of a FILE and the secret key into the second.'
      : 'Bring the vault there: connect the disk or network share, or copy the whole folder. If it is at another path now, use that path.',
    `The pages lead through the rest: start them with <code>trinity-backup serve</code>, open the link that it prints in a browser of that machine, and choose <b>Restore from a backup I have</b>. Commands do the same:${command(
      `trinity-backup connect --vault ${shellWord(location)}${credentials} \\\n  --recovery-key ${recoveryKey}\ntrinity-backup list`,
    )}`,
    `Restore it as a new install, with the id from the list for ID:${command(
      `trinity-backup restore ID --new-install ${shellWord(installFolder ?? '/opt/trinity')} --start-quietly --confirm`,
    )}Docker makes the volumes again; without Docker they go into the folder <code>volumes</code> in it.`,
    'Make sure that the old machine does not run any more, check the host names and paths in <code>.env</code>, then do what the command names as the next step, up to <code>trinity-backup finish</code>.',
    `Only some files? Nothing live is touched by:${command(
      'trinity-backup find NAME\ntrinity-backup restore ID --path PATH --to FOLDER',
    )}`,
  ];
}

/** As one word of a POSIX shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
