type Answer = Readonly<{ status: number; body: unknown }>;

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.json() };
}

/** What a test asks the backend of a miniature. */
export class TrinityApi {
  readonly url: string;
  readonly #password: string;
  #token: string | undefined;

  constructor(url: string, password: string) {
    this.url = url;
    this.#password = password;
  }

  async signIn(): Promise<string> {
    const response = await fetch(`${this.url}/api/token`, {
      method: 'POST',
      body: new URLSearchParams({ username: 'admin', password: this.#password }),
    });
    if (!response.ok) throw new Error(`Not signed in: ${String(response.status)} ${await response.text()}`);
    const body: unknown = await response.json();
    const token =
      typeof body === 'object' && body !== null && 'access_token' in body ? body.access_token : '';
    return String(token);
  }

  /** Answers with status and JSON, signed in as the administrator. */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.#ask(method, path, body);
    if (response.status !== 401 || this.#token === undefined) return await answerOf(response);
    // A token does not outlive the backend that gave it.
    await response.text();
    this.#token = undefined;
    return await answerOf(await this.#ask(method, path, body));
  }

  async #ask(method: string, path: string, body: unknown): Promise<Response> {
    this.#token ??= await this.signIn();
    return await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Starts an agent as the operator would; throws when the backend does not. */
  async startAgent(name: string): Promise<void> {
    const { status, body } = await this.call('POST', `/api/agents/${name}/start`);
    if (status !== 200) throw new Error(`Agent ${name} does not start: ${JSON.stringify(body)}`);
  }

  /** See test/fixtures/trinity/backend.py. */
  async set(switches: Readonly<Record<string, unknown>>): Promise<void> {
    await this.call('POST', '/stub', switches);
  }
}
