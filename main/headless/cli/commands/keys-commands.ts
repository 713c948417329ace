import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import type { KeyList } from '../../../app/operations/keys.ts';
import { absolutePath } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { tableText } from '../output/table.ts';
import { existingRecoveryKey, newPassphrase } from '../secrets.ts';
import type { Act, CommandOptions } from './act.ts';

const kinds = {
  passphrase: 'passphrase',
  recovery: 'recovery key',
  device: 'this or another machine',
} as const;

export function addKeysCommands(program: Command, act: Act): void {
  const kit = program
    .command('recovery-kit')
    .description('write a printable sheet with a new recovery key and the steps to restore')
    .option('--output <file>', 'an HTML file, which only you can read')
    .action(act(recoveryKit));
  kit
    .command('check')
    .description('type the recovery key from the paper, to know that it opens the vault')
    .option('--recovery-key-file <file>', 'its first line is the recovery key; - reads stdin')
    .action(act(checkRecoveryKey));
  const keys = program.command('keys').description('the keys that open the vault');
  keys
    .command('list')
    .description('all keys of the vault')
    .action(
      act(async (host) => {
        const list = await host.run('keysList', {});
        host.terminal.print(list, () => keysText(list, Date.now()));
      }),
    );
  keys
    .command('add-passphrase')
    .description('add a passphrase; the old ones stay')
    .option('--passphrase-file <file>', 'its first line is the passphrase; - reads stdin')
    .action(act(addPassphrase));
  keys
    .command('new-recovery-key')
    .description('add a recovery key and print it once; the old ones stay')
    .action(
      act(async (host) => {
        const added = await host.run('keysNewRecoveryKey', {});
        host.terminal.print(
          added,
          () =>
            [
              `Recovery key:  ${host.terminal.bold(added.recoveryKey)}`,
              'Write it down: it is shown only now. Older recovery keys open the vault too, until they are removed.',
            ].join('\n'),
          added.recoveryKey,
        );
      }),
    );
  addRemoving(keys, act);
}

function addRemoving(keys: Command, act: Act): void {
  keys
    .command('remove')
    .description('remove a key')
    .argument('<key>', 'its id, as keys list shows it')
    .action(
      act(async (host, _options, [keyId = '']) => {
        const list = await host.run('keysRemove', { keyId });
        host.terminal.print(list, () =>
          [
            `The key ${keyId} is removed.`,
            'This is no revocation: who has it and a copy of the vault can still open that copy. Run keys rotate to lock it out of all new data.',
            ...(list.keys.some((key) => key.openedThis)
              ? []
              : ['It was the key of this home, which backs up no more until connect opens the vault again.']),
          ].join('\n'),
        );
      }),
    );
  keys
    .command('rotate')
    .description('use a new master key for all new data')
    .action(
      act(async (host) => {
        const list = await host.run('keysRotate', {});
        host.terminal.print(
          list,
          () =>
            `New data is sealed with master key ${list.generation}. What is there stays as it is, and all keys open both.`,
        );
      }),
    );
}

async function checkRecoveryKey(host: CommandHost, options: CommandOptions): Promise<void> {
  const recoveryKey = await existingRecoveryKey(host, options);
  if (recoveryKey === undefined)
    throw new AppError('usage', 'Type the recovery key at a terminal, or give it with --recovery-key-file.');
  const proven = await host.run('recoveryKeyCheck', { recoveryKey });
  host.terminal.print(
    proven,
    () => `The recovery key opens the vault, as key ${proven.keyId}. Put the paper back.`,
  );
}

async function recoveryKit(host: CommandHost, { output }: CommandOptions): Promise<void> {
  if (output === undefined)
    throw new AppError(
      'usage',
      'Name the file to write with --output F.html, or try a key with recovery-kit check.',
    );
  const kit = await host.run('recoveryKit', { output: absolutePath('--output', output) });
  host.terminal.print(kit, () =>
    [
      `The recovery kit is ${kit.output}: print it, keep the paper away from this machine, then delete the file.`,
      `It holds a new recovery key (${kit.keyId}); older ones open the vault too, until keys remove takes them away.`,
    ].join('\n'),
  );
}

async function addPassphrase(host: CommandHost, options: CommandOptions): Promise<void> {
  const passphrase = await newPassphrase(host, options.passphraseFile);
  if (passphrase === undefined)
    throw new AppError('usage', 'Give the new passphrase with --passphrase-file, or type it at a terminal.');
  const added = await host.run('keysAddPassphrase', { passphrase });
  host.terminal.print(added, () => `The passphrase opens the vault from now on, as key ${added.keyId}.`);
}

function keysText({ keys }: KeyList, nowMs: number): string {
  return tableText(
    [{ title: 'ID' }, { title: 'KIND' }, { title: 'ADDED' }, { title: '' }],
    keys.map(({ id, kind, created, openedThis }) => [
      id,
      openedThis && kind === 'device' ? 'this machine' : kinds[kind],
      momentText(Date.parse(created), nowMs),
      openedThis ? 'used now' : '',
    ]),
  );
}
