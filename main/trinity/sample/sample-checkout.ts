import { join } from 'node:path';
import type { SampleRandom } from './sample-random.ts';
import { makeFolder, writeText } from './sample-files.ts';

/** What stands in the checkout beside `.env` and `trinity-data`, by path. */
const files: Readonly<Record<string, string>> = {
  VERSION: '0.9.5\n',
  'docker-compose.yml': `services:
  backend:
    container_name: trinity-backend
    build: ./docker/backend
    environment:
      - TRINITY_DB_PATH=/data/trinity.db
      - DATABASE_URL=\${DATABASE_URL:-}
    volumes:
      - trinity-data:/data
  redis:
    container_name: trinity-redis
    image: redis:7-alpine
    volumes:
      - redis-data:/data
volumes:
  trinity-data:
  redis-data:
`,
  'docker-compose.prod.yml': `services:
  backend:
    container_name: trinity-backend
    build: ./docker/backend
    environment:
      - TRINITY_DB_PATH=/data/trinity.db
    volumes:
      - \${TRINITY_DATA_PATH:-./trinity-data}:/data
  scheduler:
    container_name: trinity-scheduler
    build: ./docker/scheduler
    volumes:
      - \${TRINITY_DATA_PATH:-./trinity-data}:/data
`,
  'docker-compose.override.yml':
    'services:\n  vector:\n    volumes:\n      - ./config/vector.local.yaml:/etc/vector/vector.yaml:ro\n',
  'deploy.config': 'GCP_PROJECT=sample\nGCP_INSTANCE=trinity\nREMOTE_DIR=/opt/trinity\n',
  'config/vector.yaml': 'sources:\n  docker:\n    type: docker_logs\n',
  'config/vector.local.yaml': 'sources:\n  local:\n    type: file\n    include: [/var/log/*.log]\n',
  'config/otel-collector.yaml': 'receivers:\n  otlp:\n    protocols:\n      grpc:\n',
  'config/manifests/team.yaml': 'name: team\nagents:\n  - echo\n  - writer\n',
  'config/agent-templates/default/template.yaml': 'name: default\ndescription: An agent to begin with\n',
  'config/agent-templates/analyst/template.yaml':
    'name: analyst\ndescription: Made by the operator, in no repository\n',
  'config/agent-templates/analyst/CLAUDE.md': '# Analyst\n\nRead the numbers, then write what they say.\n',
};

/** Writes the checkout of the sample: `.env` with every key that matters (0600), version, compose files and configuration. */
export function writeSampleCheckout(folder: string, random: SampleRandom, keyHex: string): void {
  makeFolder(folder);
  for (const [path, text] of Object.entries(files)) writeText(join(folder, path), text, 0o644);
  writeText(join(folder, '.env'), sampleEnv(random, keyHex), 0o600);
}

function sampleEnv(random: SampleRandom, keyHex: string): string {
  const secret = (name: string, bytes: number): string => `${name}=${random.hex(name, bytes)}`;
  return `# Sample install. Every secret in it is made up.
SECRET_KEY=overwritten-by-the-last-one
${secret('SECRET_KEY', 32)}
${secret('INTERNAL_API_SECRET', 32)}
${secret('AGENT_AUTH_SECRET', 32)}

# Without this key no stored credential can be opened.
CREDENTIAL_ENCRYPTION_KEY=${keyHex}
CREDENTIAL_ENCRYPTION_KEY_SECONDARY=

ADMIN_USERNAME=admin
ADMIN_PASSWORD="${random.hex('ADMIN_PASSWORD', 9)} with spaces"
${secret('REDIS_PASSWORD', 24)}
${secret('REDIS_BACKEND_PASSWORD', 24)}
POSTGRES_USER=trinity
POSTGRES_DB=trinity
${secret('POSTGRES_PASSWORD', 24)}
DATABASE_URL=

export TRINITY_DATA_PATH=./trinity-data # bind mount of /data
TRINITY_IMAGE_TAG='v0.9.5'
FRONTEND_PORT=80
FRONTEND_URL=http://localhost
PUBLIC_CHAT_URL=
DOCKER_GID=999
AGENT_TMP_SIZE=512m
LOG_RETENTION_DAYS=5
DB_BACKUP_ENABLED=true
DB_BACKUP_HOUR=3
TRINITY_OSS_ONLY=0
`;
}
