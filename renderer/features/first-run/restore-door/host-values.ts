import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';

/** A value of `.env` that belonged to the old server; null for one that is secret. */
export type KnownValue = RestorePlan['hostValues'][number];

/** What was typed, by key. */
export type TypedValues = Readonly<Record<string, string>>;

const meanings: Readonly<Record<string, string>> = {
  AGENT_TMP_SIZE: 'Room of each agent for temporary files',
  COMPOSE_FILE: 'The compose files that Docker reads',
  COMPOSE_PROFILES: 'The optional services that run',
  DATABASE_URL: 'Where the database is, with its password',
  DOCKER_GID: 'The number of the group docker on this server',
  FRONTEND_PORT: 'The port of Trinity’s pages',
  FRONTEND_URL: 'The address of Trinity’s pages',
  HOST_TEMPLATES_PATH: 'The folder of agent templates on this server',
  PUBLIC_CHAT_URL: 'The address of public chats',
  TRINITY_IMAGE_TAG: 'The version of Trinity’s images',
};

export function meaningOf(key: string): string | undefined {
  return meanings[key];
}

/** What is other than on the old server. A secret that is left empty stays as it was. */
export function changedValues(known: readonly KnownValue[], typed: TypedValues): TypedValues {
  return Object.fromEntries(
    known.flatMap(({ key, value }) => {
      const text = typed[key]?.trim();
      return text === undefined || text === (value ?? '') ? [] : [[key, text]];
    }),
  );
}
