import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from '../../../main/trinity/env-file.ts';

/** How Trinity was set up: its compose file, and whether a named volume or a folder of the host is behind `/data`. */
export type Flavour = 'dev' | 'prod' | 'hosted';

/** The name of the compose project, which is that of the folder of the checkout. */
export const project = 'trinity';

export const dataVolume = `${project}_trinity-data`;

const composeFiles: Readonly<Record<Flavour, string>> = {
  dev: 'docker-compose.yml',
  prod: 'docker-compose.prod.yml',
  hosted: 'docker-compose.hosted.yml',
};

const hostedCompose = `services:
  backend:
    container_name: trinity-backend
    image: ghcr.io/abilityai/trinity-backend:\${TRINITY_IMAGE_TAG}
    volumes:
      - \${TRINITY_DATA_PATH:-./trinity-data}:/data
  postgres:
    container_name: trinity-postgres
    image: postgres:16-alpine
    volumes:
      - postgres-data:/var/lib/postgresql/data
volumes:
  postgres-data:
`;

export function composeFile(checkout: string, flavour: Flavour): string {
  return path.join(checkout, composeFiles[flavour]);
}

/** The folder of the host that the prod and hosted flavours mount at `/data`. */
export function bindOf(checkout: string): string {
  const relative = readEnv(checkout).get('TRINITY_DATA_PATH') ?? '';
  return path.resolve(checkout, relative === '' ? 'trinity-data' : relative);
}

export function readEnv(checkout: string): ReadonlyMap<string, string> {
  return parseEnv(readFileSync(path.join(checkout, '.env')));
}

/** Adds what the sample's checkout has not: the compose file of the hosted flavour, the address of the database. */
export function finishCheckout(checkout: string, flavour: Flavour, databaseUrl: string): void {
  const environment = path.join(checkout, '.env');
  const text = readFileSync(environment, 'utf8');
  writeFileSync(environment, text.replace(/^DATABASE_URL=.*$/mu, `DATABASE_URL=${databaseUrl}`));
  if (flavour === 'hosted') writeFileSync(composeFile(checkout, flavour), hostedCompose);
}

/** Takes the SQLite database out of `/data`: an install that began with Postgres never had one. */
export function removeDatabase(dataFolder: string): void {
  rmSync(path.join(dataFolder, 'trinity.db'));
}
