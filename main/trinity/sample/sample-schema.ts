/** Trinity's main tables as its schema has them (2026), with both triggers that guard the audit log. */
export const sampleSchema = `
CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL);
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL, password_hash TEXT, role TEXT NOT NULL DEFAULT 'user',
  auth0_sub TEXT UNIQUE, name TEXT, picture TEXT, email TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  last_login TEXT, suspended_at TEXT, github_pat_encrypted TEXT
);
CREATE TABLE agent_ownership (
  id INTEGER PRIMARY KEY AUTOINCREMENT, agent_name TEXT UNIQUE NOT NULL, owner_id INTEGER NOT NULL, created_at TEXT NOT NULL,
  is_system INTEGER DEFAULT 0, use_platform_api_key INTEGER DEFAULT 1, autonomy_enabled INTEGER DEFAULT 0, memory_limit TEXT,
  cpu_limit TEXT, full_capabilities INTEGER DEFAULT 0, read_only_mode INTEGER DEFAULT 0, read_only_config TEXT,
  subscription_id TEXT, max_parallel_tasks INTEGER DEFAULT 3, execution_timeout_seconds INTEGER DEFAULT 3600,
  avatar_identity_prompt TEXT, avatar_updated_at TEXT, is_default_avatar INTEGER DEFAULT 0, require_email INTEGER DEFAULT 0,
  open_access INTEGER DEFAULT 0, max_backlog_depth INTEGER DEFAULT 50, group_auth_mode TEXT DEFAULT 'none',
  voice_system_prompt TEXT, voice_name TEXT, public_channel_model TEXT, public_channel_system_prompt TEXT,
  guardrails_config TEXT, file_sharing_enabled INTEGER DEFAULT 0, circuit_breaker_enabled INTEGER DEFAULT 0,
  mcp_exposed INTEGER DEFAULT 0, a2a_exposed INTEGER DEFAULT 0, operator_resume_enabled INTEGER DEFAULT 0,
  tts_voice_replies_enabled INTEGER DEFAULT 0, tts_voice_id TEXT, deleted_at TEXT, is_ephemeral INTEGER DEFAULT 0,
  ephemeral_max_executions INTEGER, ephemeral_expires_at TEXT, spawned_by_agent TEXT, spawned_by_key_id TEXT,
  volume_base_name TEXT, display_label TEXT, FOREIGN KEY (owner_id) REFERENCES users (id)
);
CREATE TABLE agent_schedules (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL, name TEXT NOT NULL, cron_expression TEXT NOT NULL, message TEXT NOT NULL,
  enabled INTEGER DEFAULT 1, timezone TEXT DEFAULT 'UTC', description TEXT, owner_id INTEGER NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, last_run_at TEXT, next_run_at TEXT, timeout_seconds INTEGER DEFAULT 900, allowed_tools TEXT,
  model TEXT, max_retries INTEGER DEFAULT 0, retry_delay_seconds INTEGER DEFAULT 60, webhook_token TEXT,
  webhook_enabled INTEGER DEFAULT 0, webhook_secret_encrypted TEXT, webhook_auth_enabled INTEGER DEFAULT 0,
  deliver_to_workspace_email TEXT, deleted_at TEXT
);
CREATE TABLE schedule_executions (
  id TEXT PRIMARY KEY, schedule_id TEXT NOT NULL, agent_name TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  completed_at TEXT, duration_ms INTEGER, message TEXT NOT NULL, response TEXT, error TEXT, triggered_by TEXT NOT NULL,
  execution_log TEXT, queued_at TEXT, claimed_by TEXT, lease_expires_at TEXT
);
CREATE INDEX idx_executions_agent ON schedule_executions (agent_name, started_at);
CREATE INDEX idx_executions_status ON schedule_executions (status);
CREATE TABLE operator_queue (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL, request_id TEXT NOT NULL, type TEXT NOT NULL, status TEXT DEFAULT 'pending',
  priority TEXT DEFAULT 'medium', title TEXT NOT NULL, question TEXT NOT NULL, options TEXT, context TEXT, execution_id TEXT,
  created_at TEXT NOT NULL, expires_at TEXT, response TEXT, response_text TEXT, responded_by_id TEXT, responded_by_email TEXT,
  responded_at TEXT, acknowledged_at TEXT, cleared_at TEXT, channel TEXT, raised_by TEXT
);
CREATE UNIQUE INDEX idx_operator_queue_request ON operator_queue (agent_name, request_id);
CREATE INDEX idx_operator_queue_status ON operator_queue (status);
CREATE TABLE system_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT UNIQUE NOT NULL, event_type TEXT NOT NULL, event_action TEXT NOT NULL,
  actor_type TEXT NOT NULL, actor_id TEXT, actor_email TEXT, actor_ip TEXT, mcp_key_id TEXT, mcp_key_name TEXT, mcp_scope TEXT,
  target_type TEXT, target_id TEXT, timestamp TEXT NOT NULL, details TEXT, request_id TEXT, source TEXT NOT NULL, endpoint TEXT,
  previous_hash TEXT, entry_hash TEXT, created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN
  SELECT RAISE(ABORT, 'Audit log entries cannot be modified');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log WHEN OLD.timestamp > datetime('now', '-365 days') BEGIN
  SELECT RAISE(ABORT, 'Audit log entries cannot be deleted within 365 days');
END;
CREATE TABLE agent_git_config (
  id TEXT PRIMARY KEY, agent_name TEXT UNIQUE NOT NULL, github_repo TEXT NOT NULL, working_branch TEXT NOT NULL,
  instance_id TEXT NOT NULL, source_branch TEXT DEFAULT 'main', source_mode INTEGER DEFAULT 0, created_at TEXT NOT NULL,
  last_sync_at TEXT, last_commit_sha TEXT, sync_enabled INTEGER DEFAULT 1, sync_paths TEXT, github_pat_encrypted TEXT,
  auto_sync_enabled INTEGER DEFAULT 0, freeze_schedules_if_sync_failing INTEGER DEFAULT 0
);
CREATE TABLE agent_shared_folder_config (
  agent_name TEXT PRIMARY KEY, expose_enabled INTEGER DEFAULT 0, consume_enabled INTEGER DEFAULT 0, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE TABLE agent_shared_files (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL, filename TEXT NOT NULL, stored_filename TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  mime_type TEXT, download_token TEXT UNIQUE NOT NULL, created_by TEXT, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT
);
CREATE TABLE agent_permissions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, source_agent TEXT NOT NULL, target_agent TEXT NOT NULL, created_at TEXT NOT NULL,
  created_by TEXT NOT NULL, UNIQUE (source_agent, target_agent)
);
CREATE TABLE mcp_api_keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, key_prefix TEXT NOT NULL, key_hash TEXT UNIQUE NOT NULL, user_id INTEGER NOT NULL,
  agent_name TEXT, scope TEXT DEFAULT 'user', is_active INTEGER DEFAULT 1, created_at TEXT NOT NULL, last_used_at TEXT
);
CREATE TABLE agent_notifications (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL, notification_type TEXT NOT NULL, title TEXT NOT NULL, message TEXT,
  priority TEXT DEFAULT 'normal', category TEXT, metadata TEXT, status TEXT DEFAULT 'pending', created_at TEXT NOT NULL,
  acknowledged_at TEXT, acknowledged_by TEXT
);
CREATE TABLE chat_sessions (
  id TEXT PRIMARY KEY, agent_name TEXT NOT NULL, user_id INTEGER NOT NULL, user_email TEXT NOT NULL, started_at TEXT NOT NULL,
  last_message_at TEXT NOT NULL, message_count INTEGER DEFAULT 0, status TEXT DEFAULT 'active', cached_claude_session_id TEXT
);
CREATE TABLE chat_messages (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL, agent_name TEXT NOT NULL, user_id INTEGER NOT NULL, role TEXT NOT NULL,
  content TEXT NOT NULL, timestamp TEXT NOT NULL, cost REAL, context_used INTEGER, tool_calls TEXT
);
CREATE INDEX idx_chat_messages_session ON chat_messages (session_id, timestamp);
CREATE TABLE subscription_credentials (
  id TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, encrypted_credentials TEXT NOT NULL, subscription_type TEXT, owner_id INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE telegram_bindings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, agent_name TEXT UNIQUE NOT NULL, bot_token_encrypted TEXT NOT NULL, bot_username TEXT,
  created_at TEXT NOT NULL
);
`;

const migrationNames = `
  initial_schema agent_sharing mcp_api_keys_agent_scope schedule_executions_cost agent_git_config
  chat_persistence execution_log agent_permissions system_settings agent_shared_folders email_auth
  email_whitelist execution_origin agent_public_links public_chat_sessions autonomy_mode resource_limits
  full_capabilities agent_notifications agent_skills schedule_timeout schedule_tools operator_queue
  subscription_credentials read_only_mode parallel_tasks avatar_columns audit_log audit_log_triggers
  slack_links slack_workspaces telegram_bindings whatsapp_bindings voip_bindings agent_shared_files
  file_sharing_flag guardrails backlog_depth group_auth_mode voice_prompts schedule_retries webhook_tokens
  webhook_auth soft_delete_agents soft_delete_schedules circuit_breaker mcp_exposed a2a_exposed
  execution_leases ephemeral_agents volume_base_name git_auto_sync user_github_pat operator_queue_sync
  operator_queue_delivery operator_resume tts_voice display_label operator_queue_batches
  settings_secret_envelopes
`;

/** Names of the migrations that had been applied, in order. */
export const sampleMigrations: readonly string[] = migrationNames.trim().split(/\s+/u);
