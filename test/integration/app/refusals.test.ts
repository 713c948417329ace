import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withChecksum } from '../../../main/vault/format/checked-json.ts';
import { type CommandLab, emptyLab, sharedLab } from '../../helpers/command-lab.ts';
import { smallDisk } from '../../helpers/small-disk.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { digestOfInstall } from '../crash/crash-install.ts';

const isRoot = process.getuid?.() === 0;
/** Root may read whatever it likes, unless it gives that up. */
const withoutRootsRights = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

/** One line that begins like a sentence and ends like one. */
const oneSentence = /^[A-Z"/-].*\.\n$/u;

type Refusal = Readonly<{
  args: readonly string[] | ((lab: CommandLab) => readonly string[]);
  code: number;
  says: RegExp;
  env?: Readonly<Record<string, string>>;
}>;

/** What counts of a lab: settings, install, and every object of the vault but locks and temporary files. */
function stateOf(lab: CommandLab): unknown {
  const isPassing = (name: string): boolean => /^(?:locks|tmp|reserve)(?:\/|$)/u.test(name);
  const objects = Object.entries(snapshotTree(lab.vault, isPassing)).filter(([, text]) =>
    text.startsWith('file'),
  );
  return {
    objects,
    settings: readFileSync(path.join(lab.home, 'settings.json'), 'utf8'),
    live: digestOfInstall(lab),
  };
}

/** Refused with the exit code and one plain sentence, on stderr, and nothing was changed. */
async function expectRefused(lab: CommandLab, { args, code, says, env }: Refusal): Promise<void> {
  const before = stateOf(lab);
  const ended = await lab.run(typeof args === 'function' ? args(lab) : args, env);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  expect(ended.stderr).toMatch(says);
  expect(ended.stderr).toMatch(oneSentence);
  expect(stateOf(lab)).toEqual(before);
}

type Places = Readonly<Record<string, readonly [(lab: CommandLab) => string, RegExp]>>;

function extraFolders(places: Places): Readonly<Record<string, Refusal>> {
  const refusals = Object.entries(places).map(([name, [placeOf, says]]) => {
    const args = (lab: CommandLab) => ['settings', 'set', 'paths', JSON.stringify([placeOf(lab)])];
    return [`an extra folder ${name}`, { args, code: 1, says }] as const;
  });
  return Object.fromEntries(refusals);
}

const usage: Readonly<Record<string, Refusal>> = {
  'an empty --only': { args: ['backup', '--only', ''], code: 2, says: /--only names nothing/ },
  'an --only with an empty name': {
    args: ['backup', '--only', 'memory,'],
    code: 2,
    says: /--only names nothing/,
  },
  'an unknown component': { args: ['backup', '--only', 'bogus'], code: 2, says: /"bogus"/ },
  'an unknown agent': { args: ['backup', '--agent', 'nobody'], code: 5, says: /no agent "nobody"/ },
  'an unknown option': { args: ['backup', '--bogus'], code: 2, says: /--bogus/ },
  'an unknown command': { args: ['bogus'], code: 2, says: /bogus/ },
  'no command': { args: [], code: 2, says: /--help/ },
  'a malformed id': { args: ['show', 'XYZ'], code: 2, says: /"XYZ" is no backup id/ },
  'an unknown id': { args: ['show', '000000000000'], code: 5, says: /000000000000/ },
  'an unknown id to continue': {
    args: ({ install }) => ['install', '--path', install, '--continue', '000000000000'],
    code: 5,
    says: /000000000000/,
  },
  'an unknown id to restore': {
    args: ['restore', '000000000000', '--confirm'],
    code: 5,
    says: /000000000000/,
  },
  'an unknown id to delete': { args: ['delete', '000000000000'], code: 5, says: /000000000000/ },
  'an unknown id to pin': { args: ['pin', '000000000000'], code: 5, says: /000000000000/ },
  'an unknown key': { args: ['keys', 'remove', 'abc'], code: 5, says: /abc/ },
  'an unknown setting': { args: ['settings', 'set', 'bogus', '1'], code: 2, says: /no setting bogus/ },
  'a setting out of range': { args: ['settings', 'set', 'trashDays', '0'], code: 2, says: /trashDays/ },
  'an unknown component in the settings': {
    args: ['settings', 'set', 'include', '["memory","nope"]'],
    code: 2,
    says: /The setting include names "nope"/,
  },
  'a setting that there is not in a group': {
    args: ['settings', 'set', 'retention.bogus', '1'],
    code: 2,
    says: /^There is no setting retention\.bogus\. There are newest, /,
  },
  ...extraFolders({
    'that lies in the vault': [({ vault }) => path.join(vault, 'extra'), /lies in the vault/],
    'that holds the vault': [({ base }) => base, /holds the vault/],
    'that lies in the home': [({ home }) => home, /lies in the home folder/],
    "that lies in Trinity's data": [
      ({ install }) => path.join(install, 'trinity-data/extra'),
      /lies in Trinity's data/,
    ],
    'that holds the volumes': [({ volumes }) => volumes, /holds Docker's volumes/],
    'that holds the install': [({ install }) => install, /holds Trinity's data/],
  }),
  'extra folders in one another': {
    args: ['settings', 'set', 'paths', '["/srv/one/inner","/srv/one"]'],
    code: 1,
    says: /^\/srv\/one\/inner lies in \/srv\/one, which is an extra folder too/,
  },
  'a setting that is no list': {
    args: ['settings', 'set', 'paths', 'here'],
    code: 2,
    says: /^The setting paths takes a list of 0 to 1000 absolute paths/,
  },
  'a vault in S3 without credentials': {
    args: ['init', '--vault', 's3://bucket/prefix'],
    code: 2,
    says: /--credentials-file/,
    env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  },
  'keys in a location': {
    args: ['init', '--vault', 's3://KEY:SECRET@bucket/prefix'],
    code: 2,
    says: /^(?!.*KEY:SECRET).*others can read/,
  },
  'an empty location': { args: ['init', '--vault', ''], code: 2, says: /--vault is empty/ },
  'init where a vault is': { args: ({ vault }) => ['init', '--vault', vault], code: 2, says: /connect/ },
  'init in a folder that holds something': {
    args: ({ home }) => ['init', '--vault', home],
    code: 2,
    says: /not empty/,
  },
  'a vault inside the install': {
    args: ({ install }) => ['init', '--vault', path.join(install, 'vault')],
    code: 1,
    says: /lies inside/,
  },
  'connect without a key': {
    args: ({ vault }) => ['connect', '--vault', vault],
    code: 2,
    says: /--passphrase-file/,
  },
  'connect where no vault is': {
    args: ({ base, passphraseFile }) => [
      'connect',
      '--vault',
      path.join(base, 'x'),
      '--passphrase-file',
      passphraseFile,
    ],
    code: 5,
    says: /no vault at/,
  },
  'a wrong passphrase': {
    args: ({ vault }) => ['connect', '--vault', vault],
    code: 7,
    says: /does not open this vault/,
    env: { TRINITY_BACKUP_PASSPHRASE: 'a wrong one' },
  },
  'a mistyped recovery key': {
    args: ({ vault }) => ['connect', '--vault', vault, '--recovery-key', 'AAAAAA-BBBBBB'],
    code: 7,
    says: /typing mistake/,
  },
};

describe('what the command refuses', () => {
  // Refusals change nothing, so all can share a lab.
  it.each(Object.entries(usage))('%s', async (_, refusal) => {
    await expectRefused(shared(), refusal);
  });

  it.each<readonly [string, (lab: CommandLab) => string]>([
    ['the vault', ({ vault }) => path.join(vault, 'out')],
    ['the install', ({ install }) => path.join(install, 'new/out')],
    ["Docker's volumes", ({ volumes }) => path.join(volumes, 'out')],
    ['the home', ({ home }) => path.join(home, 'out')],
  ])('a restore --to a folder in %s', async (_, targetOf) => {
    const lab = shared();
    const [backup] = (await lab.json(['list'])) as { backupId: string }[];
    const target = targetOf(lab);
    const args = ['restore', backup?.backupId ?? '', '--to', target];
    await expectRefused(lab, { args, code: 2, says: /lies in .+ Name a folder elsewhere\./u });
    expect(existsSync(target)).toBe(false);
  });

  it('a vault inside a volume that is reached through a link', async () => {
    const lab = await shared().copy();
    symlinkSync(path.join(lab.volumes, 'agent-one-workspace/_data'), path.join(lab.base, 'link'));
    const args = ['init', '--vault', path.join(lab.base, 'link/vault')];
    await expectRefused(lab, { args, code: 1, says: /lies inside/ });
  });

  it('an install inside the vault', async () => {
    const lab = await shared().copy();
    const inside = path.join(lab.vault, 'trinity');
    cpSync(lab.install, inside, { recursive: true });
    await expectRefused(lab, { args: ['install', '--path', inside], code: 1, says: /inside the vault/ });
  });

  it('a backup before anything is set up', async () => {
    const lab = await emptyLab();
    const { code, stdout, stderr } = await lab.run(['backup']);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toMatch(/^No install is set for this home: .+\.\n$/);
  });

  it('a vault whose place is not there, and makes nothing there', async () => {
    const lab = await shared().copy();
    renameSync(lab.vault, path.join(lab.base, 'away'));
    mkdirSync(lab.vault);
    for (const command of ['backup', 'list', 'verify', 'keys list']) {
      const { code, stderr } = await lab.run(command.split(' '));
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(stderr).toBe(
        `Waiting for the vault: it is not at ${lab.vault} now. Connect and mount the disk or network share that holds it, then try again.\n`,
      );
    }
    expect(await lab.json(['status'], 3)).toMatchObject({
      state: 'waiting',
      sentence: expect.stringMatching(new RegExp(`^Waiting for ${lab.vault}; last backup .+\\.$`, 'u')),
    });
    expect(Object.keys(snapshotTree(lab.vault))).toEqual(['']);
  });

  it('a vault that lost both its headers, as damaged and not as one that is away', async () => {
    const lab = await shared().copy();
    for (const name of ['vault.json', 'vault-copy.json']) rmSync(path.join(lab.vault, name));
    await expectRefused(lab, { args: ['backup'], code: 6, says: /Put vault\.json back/ });
    const { passphraseFile, vault } = lab;
    const connect = ['connect', '--vault', vault, '--passphrase-file', passphraseFile];
    await expectRefused(lab, { args: connect, code: 6, says: /Put vault\.json back/ });
    expect(await lab.json(['status'], 1)).toMatchObject({ state: 'damaged' });
  });

  it('init where one header and the keys are all that is left of a vault, which stay', async () => {
    const lab = await shared().copy();
    const left = path.join(lab.base, 'left');
    mkdirSync(left);
    for (const name of ['vault-copy.json', 'keys']) {
      cpSync(path.join(lab.vault, name), path.join(left, name), { recursive: true });
    }
    const before = snapshotTree(left);
    await expectRefused(lab, { args: ['init', '--vault', left], code: 2, says: /connect/ });
    expect(snapshotTree(left)).toEqual(before);
  });

  it('a second vault on the mount point of a vault that is away', async () => {
    const lab = await shared().copy();
    renameSync(lab.vault, path.join(lab.base, 'away'));
    mkdirSync(lab.vault);
    await expectRefused(lab, { args: ['init', '--vault', lab.vault], code: 1, says: /Mount its disk/ });
  });

  it('no silence, when a home leaves its vault for another one', async () => {
    const lab = await shared().copy();
    const made = await lab.json(['init', '--vault', path.join(lab.base, 'other')]);
    expect(made).toMatchObject({
      warnings: expect.arrayContaining([
        expect.objectContaining({ code: 'vault-left', message: expect.stringContaining(lab.vault) }),
      ]),
    });
  });

  it('no key that fits', async () => {
    const lab = await shared().copy();
    writeFileSync(path.join(lab.home, 'device-key'), Buffer.alloc(32, 7), { mode: 0o600 });
    await expectRefused(lab, { args: ['list'], code: 7, says: /connect/ });
    await expectRefused(lab, { args: ['backup'], code: 7, says: /connect/ });
  });

  it('another vault in the place of the known one', async () => {
    const lab = await shared().copy();
    const other = await emptyLab();
    await other.json(['init', '--vault', other.vault]);
    renameSync(lab.vault, path.join(lab.base, 'away'));
    cpSync(other.vault, lab.vault, { recursive: true });
    await expectRefused(lab, { args: ['backup'], code: 1, says: /Another vault lies at/ });
  });

  it('a vault of a newer format', async () => {
    const lab = await shared().copy();
    for (const name of ['vault.json', 'vault-copy.json']) {
      const file = path.join(lab.vault, name);
      const start = readFileSync(file, 'utf8').replace(/,"checksum".*\n$/u, '');
      writeFileSync(file, withChecksum(start.replace('"format":1', '"format":2')));
    }
    await expectRefused(lab, { args: ['backup'], code: 1, says: /newer version/ });
  });

  it('nothing for a folder that cannot be read, but warns of it by name', async () => {
    const lab = await shared().copy();
    const hidden = path.join(lab.volumes, 'agent-one-workspace/_data/hidden');
    mkdirSync(hidden);
    chmodSync(hidden, 0o000);
    const { code, stdout } = await lab.run(['backup', '--json'], {}, isRoot ? withoutRootsRights : []);
    expect(code).toBe(3);
    const warnings = (JSON.parse(stdout) as { warnings: unknown }).warnings;
    expect(warnings).toMatchObject([{ component: 'memory', volume: 'agent-one-workspace', path: 'hidden' }]);
  });

  it('a restore without the word that it needs, after telling what would change', async () => {
    const lab = shared();
    const [backup] = (await lab.json(['list'])) as { backupId: string }[];
    const id = backup?.backupId ?? '';
    const before = stateOf(lab);
    const told = await lab.run(['restore', id]);
    expect({ code: told.code, stdout: told.stdout }).toEqual({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(
      /parts nothing differs, and their \d+ files stay as they are: .*agent-one-workspace/,
    );
    expect(told.stderr).toMatch(/Nothing was restored: add --confirm .*\.\n$/);
    const built = await lab.run(['restore', id, '--new-install', path.join(lab.base, 'new')]);
    expect([built.code, /add --confirm/.test(built.stderr)]).toEqual([2, true]);
    const both = await lab.run(['restore', id, '--to', path.join(lab.base, 'new'), '--confirm']);
    expect(both.code).toBe(2);
    const values = await lab.run(['restore', id, '--confirm', '--set', 'FRONTEND_PORT=80']);
    expect([values.code, /--new-install only/.test(values.stderr)]).toEqual([2, true]);
    expect(stateOf(lab)).toEqual(before);
  });

  it('nothing, and does nothing, with --dry-run: the same sentences, and the numbers as JSON', async () => {
    const lab = shared();
    const [backup] = (await lab.json(['list'])) as { backupId: string }[];
    const id = backup?.backupId ?? '';
    const before = stateOf(lab);
    const told = await lab.run(['restore', id, '--confirm', '--agent', 'one', '--dry-run']);
    expect(told).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/nothing differs, all 3 files stay/),
    });
    const plan = await lab.json(['restore', id, '--agent', 'one', '--dry-run']);
    expect(plan).toMatchObject({
      backupId: id,
      destination: { way: 'in-place' },
      sources: [{ source: 'memory/agent-one-workspace', counts: { unchanged: { files: 3 } } }],
    });
    expect(stateOf(lab)).toEqual(before);
  });

  it('errors as JSON on stderr, with --json', async () => {
    const { stdout, stderr } = await shared().run(['show', 'XYZ', '--json']);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      error: { kind: 'usage', message: expect.stringContaining('"XYZ"') },
    });
  });

  it('a full disk, with nothing listed and nothing lost', async (context) => {
    const disk = await smallDisk(context, 64);
    const lab = await shared().copy();
    const vault = path.join(disk.folder, 'vault');
    const made = await lab.json(['init', '--vault', vault]);
    expect(made).toMatchObject({ warnings: [{ code: 'vault-left' }, { code: 'small-disk' }] });
    const { code, stderr } = await lab.run(['backup']);
    expect(code).toBe(1);
    expect(stderr).toMatch(oneSentence);
    expect(await lab.json(['list'])).toEqual([]);
  });
});

describe('status', () => {
  it('is 1 while nothing is set up, in one sentence', async () => {
    const lab = await emptyLab();
    const { code, stdout } = await lab.run(['status']);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout:
        'Not set up yet.\nWhat to do: trinity-backup install; then, where no vault is made yet, trinity-backup init --vault FOLDER\n',
    });
  });
});

describe('a command that is not whole', () => {
  it('names its own help', async () => {
    const lab = await emptyLab();
    const told = async (...args: string[]): Promise<string> => (await lab.run(args)).stderr.trim();
    expect(await told('show')).toBe("Missing required argument 'id': see trinity-backup show --help.");
    expect(await told('keys')).toBe('Name what to do: see trinity-backup keys --help.');
    expect(await told('--home', lab.home, 'settings', 'set', 'trashDays')).toBe(
      "Missing required argument 'value': see trinity-backup settings set --help.",
    );
  });
});
