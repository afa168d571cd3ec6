// One call over HTTP: address, time-out, retries, and what the server's clock says. Knows nothing
// of signatures and tokens: whoever calls gives the headers of each attempt.

import {apiError, AuthenticationError, CallboardError, NetworkError, SignatureError,
  UnexpectedAnswerError} from "./errors.js";
import {Deadline, pause} from "./waiting.js";

export interface TransportOptions {
  /** Where the server is, with its base path if it has one. */
  baseUrl: string;
  /** How long one attempt may take, until its last byte; 10,000 by default. */
  timeoutMs?: number;
  /** How often a failed attempt is repeated; 3 by default, 0 for never. */
  retries?: number;
  /** The first pause before a retry, doubled from one to the next; 250 by default. */
  retryDelayMs?: number;
  /** A Retry-After longer than this is not waited for; 30,000 by default. */
  maxRetryDelayMs?: number;
  /** In place of the global one. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What may be repeated after a failure. `unlost`: not where no answer came, because the server may
 * have done it and must not do it twice. */
export type Repeat = "always" | "unlost";

export interface Call {
  method: string;
  target: URL;
  body?: string | undefined;
  headers: () => Promise<Record<string, string>>;
  repeat?: Repeat;
  signal?: AbortSignal | undefined;
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  /** Undefined for 304. */
  body: Body | undefined;
}

const maxSkewUnnoticedMs = 2_000;  // the Date header has whole seconds, and answers take time
const maxSkewForgivenMs = 30_000;  // a clock more wrong than this may be why a caller was refused

export class Transport {
  readonly timeoutMs: number;
  readonly maxRetryDelayMs: number;
  private readonly base: URL;
  private readonly retries: number;
  private readonly retryDelayMs: number;
  private readonly fetch: typeof fetch;
  private skewMs = 0;

  /** `credentials`: whether cookies go along. */
  constructor(options: TransportOptions,
              private readonly credentials: "omit" | "include" = "omit") {
    this.base = new URL(options.baseUrl);
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.retries = options.retries ?? 3;
    this.retryDelayMs = options.retryDelayMs ?? 250;
    this.maxRetryDelayMs = options.maxRetryDelayMs ?? 30_000;
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** `path` begins with "/bp"; the base address may have a path of its own before that. */
  address(path: string, query?: URLSearchParams): URL {
    const url = new URL(this.base);
    url.pathname = this.base.pathname.replace(/\/$/, "") + path;
    url.search = query?.toString() ?? "";
    return url;
  }

  /** By the server's clock, as far as its answers told. */
  nowMs(): number {
    return Date.now() + this.skewMs;
  }

  nowS(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** The pause before retry number `attempt` (from 0): doubled each time, half of it by chance. */
  backoffMs(attempt: number, firstMs = this.retryDelayMs): number {
    const ceiling = Math.min(firstMs * 2 ** attempt, this.maxRetryDelayMs);
    return ceiling * (0.5 + Math.random() / 2);
  }

  /** Any 2xx, or 304; else throws what errors.ts lists. */
  async json<Body>(call: Call): Promise<Answer<Body>> {
    let isCorrected = false;
    for (let attempt = 0; ; ++attempt) {
      const skewMs = this.skewMs;
      try {
        return await this.attempt<Body>(call);
      } catch (error) {
        if (!isCorrected && isRefusedCaller(error) &&
            Math.abs(this.skewMs - skewMs) > maxSkewForgivenMs) {
          isCorrected = true;
          continue;
        }
        const wait = this.waitBeforeRetry(error, attempt, call.repeat ?? "always");
        if (wait === undefined || call.signal?.aborted) throw error;
        await pause(wait, call.signal);
      }
    }
  }

  /** Sends once and returns when the answer's head is there. Throws NetworkError, or what
   * `deadline` or the caller aborted with. */
  async send(call: Call, deadline: Deadline): Promise<Response> {
    const request: RequestInit = {
      method: call.method, headers: await call.headers(), signal: deadline.signal,
      cache: "no-store", credentials: this.credentials, redirect: "error",
    };
    if (call.body !== undefined) request.body = call.body;
    const sentMs = Date.now();
    try {
      const answer = await this.fetch(call.target, request);
      this.learnTime(answer.headers, (sentMs + Date.now()) / 2);
      return answer;
    } catch (error) {
      throw failure(error, deadline);
    }
  }

  /** The error that a refused answer stands for. */
  async refusal(answer: Response): Promise<CallboardError> {
    return apiError(answer, await answer.text(), retryAfterMs(answer.headers));
  }

  private async attempt<Body>(call: Call): Promise<Answer<Body>> {
    const deadline = new Deadline(this.timeoutMs, call.signal);
    try {
      const answer = await this.send(call, deadline);
      if (!answer.ok && answer.status !== 304) throw await this.refusal(answer);
      const body = answer.status === 304 ? undefined : parsed<Body>(answer, await answer.text());
      return {status: answer.status, headers: answer.headers, body};
    } catch (error) {
      throw failure(error, deadline);
    } finally {
      deadline.end();
    }
  }

  private waitBeforeRetry(error: unknown, attempt: number, repeat: Repeat): number | undefined {
    if (!(error instanceof CallboardError) || attempt >= this.retries) return undefined;
    const status = (error as {status?: number}).status;
    if (status === undefined) {
      return repeat === "always" ? this.backoffMs(attempt) : undefined;
    }
    if (status !== 429 && status !== 502 && status !== 503 && status !== 504) return undefined;
    if (repeat === "unlost" && status !== 429) return undefined;
    const asked = (error as {retryAfterMs?: number}).retryAfterMs;
    if (asked !== undefined && asked > this.maxRetryDelayMs) return undefined;
    return Math.max(asked ?? 0, this.backoffMs(attempt));
  }

  // In a browser the header is there only if the server exposes it to other origins.
  private learnTime(headers: Headers, localMs: number): void {
    const serverMs = Date.parse(headers.get("Date") ?? "");
    if (Number.isNaN(serverMs)) return;
    const skewMs = serverMs + 500 - localMs;
    if (Math.abs(skewMs - this.skewMs) > maxSkewUnnoticedMs) this.skewMs = skewMs;
  }
}

function isRefusedCaller(error: unknown): boolean {
  return error instanceof SignatureError || error instanceof AuthenticationError;
}

function failure(error: unknown, deadline: Deadline): unknown {
  if (error instanceof CallboardError) return error;
  if (deadline.signal.aborted) return deadline.signal.reason;
  return new NetworkError("no answer came", {cause: error});
}

function parsed<Body>(answer: Response, text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw new UnexpectedAnswerError(answer.status, "the answer's body is not JSON");
  }
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get("Retry-After");
  return seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
