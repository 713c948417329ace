import type { Command } from 'commander';
import type { Act } from './act.ts';

export function addSettingsCommands(program: Command, act: Act): void {
  const settings = program.command('settings').description('look at the settings or change one');
  settings
    .command('get')
    .description('show all settings, or one by its dotted name')
    .argument('[name]', 'for example retention.newest')
    .action(
      act(async (host, _options, [name]) => {
        const value = await host.run('settingsGet', { path: pathOf(name) });
        host.terminal.print(value, () => JSON.stringify(value, undefined, 2));
      }),
    );
  settings
    .command('set')
    .description('change one setting; null takes it back to its default')
    .argument('<name>', 'for example retention.newest')
    .argument('<value>', 'JSON, or a plain word')
    .action(
      act(async (host, _options, [name, value = '']) => {
        const stored = await host.run('settingsSet', { path: pathOf(name), value: valueOf(value) });
        host.terminal.print(stored, () => `${name} is set.`);
      }),
    );
}

/** Only the first two dots part names: agents and volumes may have dots in theirs. */
function pathOf(name: string | undefined): string[] {
  if (name === undefined) return [];
  const [first = '', second, ...rest] = name.split('.');
  if (second === undefined) return [first];
  const hasNames = first === 'agents' || first === 'volumes';
  if (!hasNames) return [first, second, ...rest];
  const isField = rest.length > 0 && rest.at(-1) === 'include';
  return isField
    ? [first, [second, ...rest.slice(0, -1)].join('.'), 'include']
    : [first, [second, ...rest].join('.')];
}

function valueOf(text: string): InputValue {
  try {
    return JSON.parse(text) as InputValue; // JSON.parse returns JSON
  } catch {
    return text;
  }
}

type InputValue = string | number | boolean | null | InputValue[] | { [name: string]: InputValue };
