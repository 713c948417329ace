import Database from 'better-sqlite3';
import { sampleAgents, sampleCounts, sampleTime, type SampleSize } from './sample-plan.ts';
import { sealSample, type SampleRandom } from './sample-random.ts';
import { sampleMigrations, sampleSchema } from './sample-schema.ts';
import { insertActivity, insertRow } from './sample-rows.ts';

export type SampleDatabase = Readonly<{
  file: string;
  size: SampleSize;
  random: SampleRandom;
  keyHex: string;
}>;

/** Days of activity before day 0. */
const historyDays = 30;

/** Writes Trinity's database with the rows of the sample's agents, in rollback mode as Trinity has it. */
export function writeSampleDatabase(sample: SampleDatabase): void {
  const database = new Database(sample.file);
  try {
    // Nothing of it is worth a sync until the sample is whole.
    database.pragma('synchronous=OFF');
    database.exec(sampleSchema);
    database.transaction(() => fill(database, sample))();
  } finally {
    database.close();
  }
}

function fill(database: Database.Database, sample: SampleDatabase): void {
  for (const [index, name] of sampleMigrations.entries()) {
    insertRow(database, 'schema_migrations', { name, applied_at: sampleTime(index - 120, 0) });
  }
  insertRow(database, 'users', {
    username: 'admin',
    password_hash: `$2b$12$${sample.random.hex('password hash', 26)}`,
    role: 'admin',
    email: 'operator@example.com',
    created_at: sampleTime(-120, 0),
    updated_at: sampleTime(-3, 0),
  });
  fillAgents(database);
  fillSecrets(database, sample);
  fillQueue(database, sample.random);
  const counts = sampleCounts[sample.size];
  for (let day = -historyDays; day < 0; day += 1) {
    insertActivity(database, sample.random, {
      day,
      executions:
        Math.floor(counts.executions / historyDays) + (day >= -(counts.executions % historyDays) ? 1 : 0),
      messages: Math.floor(counts.messages / historyDays) + (day >= -(counts.messages % historyDays) ? 1 : 0),
      auditEntries: Math.floor(counts.auditEntries / historyDays),
    });
  }
}

function fillAgents(database: Database.Database): void {
  for (const agent of sampleAgents) {
    insertRow(database, 'agent_ownership', {
      agent_name: agent.name,
      owner_id: 1,
      created_at: sampleTime(-100, 0),
      is_system: Number(agent.system ?? false),
      is_ephemeral: Number(agent.ephemeral ?? false),
      file_sharing_enabled: Number(agent.fileSharing ?? false),
      deleted_at: agent.deletedAt ?? null,
      volume_base_name: agent.base ?? null,
    });
    if (agent.exposes === true || agent.consumes === true) {
      insertRow(database, 'agent_shared_folder_config', {
        agent_name: agent.name,
        expose_enabled: Number(agent.exposes ?? false),
        consume_enabled: Number(agent.consumes ?? false),
        created_at: sampleTime(-90, 0),
        updated_at: sampleTime(-90, 0),
      });
    }
  }
  insertRow(database, 'agent_permissions', {
    source_agent: 'reader',
    target_agent: 'writer',
    created_at: sampleTime(-90, 1),
    created_by: 'admin',
  });
  for (const [index, agent_name] of ['echo', 'research'].entries()) {
    insertRow(database, 'agent_schedules', {
      id: `schedule-${agent_name}`,
      agent_name,
      name: 'Morning report',
      cron_expression: `0 ${6 + index} * * *`,
      message: 'Write the report of the day.',
      enabled: 1 - index,
      owner_id: 1,
      created_at: sampleTime(-80, 0),
      updated_at: sampleTime(-80, 0),
    });
  }
}

function fillSecrets(database: Database.Database, { random, keyHex }: SampleDatabase): void {
  const seal = (label: string, value: object): string =>
    sealSample(keyHex, random.bytes(`nonce ${label}`, 12), JSON.stringify(value));
  const updated_at = sampleTime(-20, 0);
  const settings = {
    anthropic_api_key_encrypted: seal('anthropic', {
      anthropic_api_key: `sk-sample-${random.hex('anthropic', 12)}`,
    }),
    backup_retention_days: '14',
    db_backup_last_status: 'ok',
    github_pat_encrypted: seal('github', { github_pat: `ghp_${random.hex('github', 18)}` }),
    platform_name: 'Sample Trinity',
  };
  for (const [key, value] of Object.entries(settings))
    insertRow(database, 'system_settings', { key, value, updated_at });
  insertRow(database, 'subscription_credentials', {
    id: random.uuid('subscription'),
    name: 'team',
    encrypted_credentials: seal('subscription', { token: random.hex('subscription token', 24) }),
    subscription_type: 'max',
    owner_id: 1,
    created_at: updated_at,
    updated_at,
  });
  insertRow(database, 'telegram_bindings', {
    agent_name: 'echo',
    bot_token_encrypted: seal('telegram', { bot_token: random.hex('telegram token', 20) }),
    bot_username: 'sample_echo_bot',
    created_at: updated_at,
  });
  insertRow(database, 'agent_git_config', {
    id: random.uuid('git config'),
    agent_name: 'echo',
    github_repo: 'example/echo',
    working_branch: 'trinity/echo',
    instance_id: random.hex('git instance', 4),
    created_at: updated_at,
    github_pat_encrypted: seal('git', { github_pat: `ghp_${random.hex('git token', 18)}` }),
  });
  insertRow(database, 'mcp_api_keys', {
    id: random.uuid('mcp key'),
    name: 'echo agent key',
    key_prefix: 'trinity_mcp_',
    key_hash: random.hex('mcp key hash', 32),
    user_id: 1,
    agent_name: 'echo',
    scope: 'agent',
    created_at: updated_at,
  });
}

function fillQueue(database: Database.Database, random: SampleRandom): void {
  const requests = [
    { type: 'approval', status: 'pending', title: 'Publish the report?' },
    { type: 'question', status: 'responded', title: 'Which currency?' },
    { type: 'alert', status: 'acknowledged', title: 'The feed was late' },
  ];
  for (const [index, request] of requests.entries()) {
    insertRow(database, 'operator_queue', {
      ...request,
      id: random.hex(`queue ${index}`, 16),
      agent_name: 'writer',
      request_id: `request-${index}`,
      question: 'See the context.',
      context: JSON.stringify({ attempt: index }),
      created_at: sampleTime(-2, index),
    });
  }
}
