import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { absoluteLocation, absolutePath } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { dockerPlace, usualInstallFolders } from '../../../app/docker-place.ts';
import { installText } from '../output/install-text.ts';
import {
  credentialsHelp,
  existingPassphrase,
  givenCredentials,
  givenRecoveryKey,
  newPassphrase,
} from '../secrets.ts';
import type { Act, CommandOptions } from './act.ts';

export function addSetupCommands(program: Command, act: Act): void {
  program
    .command('demo')
    .description('write a sample Trinity install to try everything on')
    .argument('<dir>', 'a new or empty folder')
    .option('--size <size>', 'small or large', 'small')
    .action(act(demo));
  program
    .command('install')
    .description('set and check the Trinity install of this home; without options it is looked for')
    .option('--path <dir>', 'the checkout, the folder that holds .env')
    .option('--volumes-root <dir>', 'where Docker keeps its volumes')
    .option(
      '--continue <id>',
      'go on with the backups of the install that this backup is of, whose machine is gone',
    )
    .option('--docker-host <url>', 'the Docker engine that Trinity runs on; found by itself where it can be')
    .action(act(install));
  program
    .command('init')
    .description('make a vault and print its recovery key once')
    .requiredOption('--vault <location>', 'a new or empty folder, or s3://bucket/prefix?endpoint=…&region=…')
    .option('--passphrase-file <file>', 'its first line is the passphrase; - reads stdin')
    .option('--credentials-file <file>', credentialsHelp)
    .action(act(init));
  program
    .command('connect')
    .description('open an existing vault on this machine')
    .requiredOption(
      '--vault <location>',
      'the folder of the vault, or s3://bucket/prefix?endpoint=…&region=…',
    )
    .option('--passphrase-file <file>', 'its first line is the passphrase; - reads stdin')
    .option('--recovery-key <key>', 'the recovery key, in groups as printed')
    .option('--recovery-key-file <file>', 'its first line is the recovery key; - reads stdin')
    .option('--credentials-file <file>', credentialsHelp)
    .action(act(connect));
}

async function demo(
  host: CommandHost,
  options: CommandOptions,
  [dir = '']: readonly string[],
): Promise<void> {
  const { size } = options;
  if (size !== 'small' && size !== 'large')
    throw new AppError('usage', 'Choose --size small or --size large.');
  const { writeSampleInstall } = await import('../../../trinity/sample/write-sample.ts');
  const made = await writeSampleInstall(absolutePath('DIR', dir), { size, seed: 'demo' });
  host.terminal.print(made, () =>
    [
      'A sample install is there. Next:',
      `  trinity-backup install --path ${made.installFolder} --volumes-root ${made.volumesRoot}`,
      '  trinity-backup init --vault <folder>',
    ].join('\n'),
  );
}

async function install(host: CommandHost, options: CommandOptions): Promise<void> {
  const { path: folder, volumesRoot, dockerHost } = options;
  const report = await host.run('install', {
    ...(typeof folder === 'string' ? { folder: absolutePath('--path', folder) } : {}),
    ...(volumesRoot === undefined ? {} : { volumesRoot: absolutePath('--volumes-root', volumesRoot) }),
    ...(options.continue === undefined ? {} : { continues: options.continue }),
    ...(dockerHost === undefined ? {} : { dockerHost }),
    docker: dockerPlace(),
    lookIn: [process.cwd(), ...usualInstallFolders()],
  });
  host.terminal.print(report, () => installText(report));
}

async function init(host: CommandHost, options: CommandOptions): Promise<void> {
  const location = absoluteLocation(options.vault ?? '');
  const credentials = await givenCredentials(options);
  const passphrase = await newPassphrase(host, options.passphraseFile);
  const made = await host.run('init', {
    location,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  host.terminal.print(
    made,
    () =>
      [
        `The vault ${made.location} is made.`,
        '',
        `Recovery key:  ${host.terminal.bold(made.recoveryKey)}`,
        '',
        'Write it down and keep it away from this machine: it is shown only now, and opens the vault when this machine is lost.',
        ...made.warnings.map(({ message }) => `Warning: ${message}`),
      ].join('\n'),
    made.recoveryKey,
  );
}

async function connect(host: CommandHost, options: CommandOptions): Promise<void> {
  const location = absoluteLocation(options.vault ?? '');
  const credentials = await givenCredentials(options);
  const recoveryKey = await givenRecoveryKey(options);
  const passphrase =
    recoveryKey === undefined ? await existingPassphrase(host, options.passphraseFile) : undefined;
  if (recoveryKey === undefined && (passphrase ?? '') === '') {
    throw new AppError(
      'usage',
      'Give the passphrase with --passphrase-file, or the recovery key with --recovery-key.',
    );
  }
  const secret =
    recoveryKey === undefined
      ? ({ kind: 'passphrase', passphrase: passphrase ?? '' } as const)
      : ({ kind: 'recovery', recoveryKey } as const);
  const connected = await host.run('connect', {
    location,
    secret,
    ...(credentials === undefined ? {} : { credentials }),
  });
  host.terminal.print(connected, () =>
    [
      `The vault ${connected.location} is open for this home: see trinity-backup list.`,
      ...connected.warnings.map(({ message }) => `Warning: ${message}`),
    ].join('\n'),
  );
}
