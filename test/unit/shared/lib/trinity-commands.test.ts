import { describe, expect, it } from 'vitest';
import { serverCommand, startCommand, within } from '../../../../shared/lib/trinity-commands.ts';

describe('the commands that start Trinity', () => {
  it('go by the form of the install', () => {
    const commands = ['dev', 'prod', 'hosted'].map((form) => startCommand({ install: { form } }));
    expect(commands).toEqual([
      './scripts/deploy/start.sh',
      'docker compose -f docker-compose.prod.yml up -d',
      './scripts/deploy/start.sh --hosted',
    ]);
    expect(serverCommand({ install: { form: 'hosted' } }, '/opt/trinity')).toBe(
      'cd /opt/trinity && docker compose -f docker-compose.hosted.yml up -d postgres',
    );
    expect(serverCommand({ install: {} }, '/opt/trinity')).toBe(
      'cd /opt/trinity && docker compose up -d postgres',
    );
  });

  it('quote a folder that a shell would take apart', () => {
    expect(within("/srv/it's $HOME; reboot", 'ls')).toBe(`cd '/srv/it'\\''s $HOME; reboot' && ls`);
  });
});
