// How a request goes out and what comes back: tokens, problems, pages. One object for each user.

export interface TokenPair {
  access_token: string;
  refresh_token: string;
}

export interface Settings {
  language?: "id" | "en";
  /** What `signIn` answered, perhaps long ago. */
  tokens?: TokenPair | null;
  /** Is given each new pair before it is used, and null when the sign-in is over. */
  keepTokens?: (tokens: TokenPair | null) => void | Promise<void>;
  fetch?: typeof fetch;
}

interface Sent {
  at?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers?: Record<string, string | undefined>;
  body?: unknown;
  file?: [string, File];
  isGuest?: boolean;
}

/** What the shop refused: decide by `code`, show `detail`. `facts` is the whole answer. */
export class Problem extends Error {
  status: number;
  code: string;
  detail: string;
  errors: Record<string, Array<{ code: string; message: string }>>;
  facts: Record<string, unknown>;
  /** Seconds, where the shop says them. */
  retryAfter: number | null;

  constructor(response: Response, facts: Record<string, unknown>) {
    const code = String(facts.code ?? "no_answer");
    const detail = String(facts.detail ?? response.statusText);
    super(`${response.status} ${code}: ${detail}`);
    this.status = response.status;
    this.code = code;
    this.detail = detail;
    this.errors = (facts.errors ?? {}) as Problem["errors"];
    this.facts = facts;
    this.retryAfter = Number(response.headers.get("Retry-After")) || null;
  }
}

/** Nothing is sent twice by itself, except once after the tokens were renewed. */
export class Transport {
  url: string;
  tokens: TokenPair | null;
  private settings: Settings;
  private renewing: Promise<TokenPair> | null = null;

  constructor(url: string, settings: Settings = {}) {
    this.url = url.replace(/\/+$/, "");
    this.settings = settings;
    this.tokens = settings.tokens ?? null;
  }

  /** The page behind this one; null behind the last. */
  async following<Page extends { next: string | null }>(page: Page): Promise<Page | null> {
    if (page.next === null) return null;
    // The bearer token goes to the shop and to nobody else.
    if (!page.next.startsWith(`${this.url}/`)) throw new Error(`${page.next} is not below ${this.url}`);
    return this.read(await this.send(page.next, { method: "GET" }, false));
  }

  async call<Answer>(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    for (const [name, value] of Object.entries(sent.at ?? {}))
      path = path.replace(`{${name}}`, encodeURIComponent(String(value)));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(sent.query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) query.append(name, String(one));
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(sent.headers ?? {})) if (value !== undefined) headers[name] = value;
    let body: string | FormData | undefined;
    if (sent.file) {
      body = new FormData();
      body.append(...sent.file);
    } else if (sent.body !== undefined) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(sent.body);
    }
    const address = this.url + path + (query.size ? `?${query}` : "");
    return this.read(await this.send(address, { method, headers, body }, sent.isGuest ?? false));
  }

  private async send(address: string, request: RequestInit, isGuest: boolean): Promise<Response> {
    const tokens = isGuest ? null : this.tokens;
    const once = (pair: TokenPair | null) => {
      const headers = new Headers(request.headers);
      headers.set("Accept-Language", this.settings.language ?? "id");
      if (pair) headers.set("Authorization", `Bearer ${pair.access_token}`);
      return (this.settings.fetch ?? fetch)(address, { ...request, headers });
    };
    const response = await once(tokens);
    if (!tokens || response.status !== 401) return response;
    const facts = await response.clone().json();
    return facts.code === "invalid_token" ? once(await this.renew(tokens)) : response;
  }

  /** One exchange however many have found the token too old. */
  private renew(used: TokenPair): Promise<TokenPair> {
    if (this.tokens && this.tokens !== used) return Promise.resolve(this.tokens);
    this.renewing ??= this.exchange(used).finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async exchange(used: TokenPair): Promise<TokenPair> {
    try {
      const body = { refresh_token: used.refresh_token };
      const pair = await this.call<TokenPair>("POST", "/auth/refresh", { body, isGuest: true });
      await this.keep(pair);
      return pair;
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "invalid_refresh_token") await this.keep(null);
      throw problem;
    }
  }

  private async keep(pair: TokenPair | null): Promise<void> {
    await this.settings.keepTokens?.(pair);
    this.tokens = pair;
  }

  private async read<Answer>(response: Response): Promise<Answer> {
    const kind = response.headers.get("Content-Type") ?? "";
    if (!response.ok)
      throw new Problem(response, kind.startsWith("application/problem+json") ? await response.json() : {});
    if (kind.startsWith("application/json")) return response.json();
    return (kind ? new Uint8Array(await response.arrayBuffer()) : undefined) as Answer;
  }
}
