/** Who a package for Debian says that it comes from, and where more is to be read. */
export type Publisher = Readonly<{ homepage: string; maintainer: string }>;

/** The repository whose workflow builds it, by what GitHub tells of it; a package that was built by hand is nobody's. */
export function publisherOf(env: NodeJS.ProcessEnv): Publisher {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_REPOSITORY_OWNER: owner } = env;
  if (server === undefined || repository === undefined || owner === undefined) {
    return {
      homepage: 'https://github.com/abilityai/trinity',
      maintainer: 'Built by hand <nobody@localhost>',
    };
  }
  return { homepage: `${server}/${repository}`, maintainer: `${owner} <${owner}@users.noreply.github.com>` };
}
