// What an app on a device or in a browser calls: every request signed with the client key, most of
// them for the user of the current session.

import {BoardCache, boardQuery, contextHeaders, type BoardAnswer, type BoardOptions,
  type ContextOptions} from "./boards.js";
import {Hmac} from "./crypto.js";
import {AuthenticationError} from "./errors.js";
import {MemorySessionStore, Sessions, type SessionStore, type StoredSession} from "./sessions.js";
import {signatureHeader} from "./signature.js";
import {boardEvents, type BoardEvent, type StreamOptions} from "./stream.js";
import {Transport, type Answer, type CallOptions, type Repeat, type TransportOptions,
} from "./transport.js";
import type {Attributes, Board, Session} from "./types.js";

/** Absent `language`: a browser sends its own. */
export interface ClientOptions extends TransportOptions, ContextOptions {
  appId: string;
  /** `cbc_...`. It is in every copy of the app: it keeps out strangers, not the curious. */
  clientKey: string;
  /** Where the session is kept; in memory by default. */
  sessions?: SessionStore;
}

interface Request extends CallOptions {
  method?: string;
  path: string;
  query?: URLSearchParams;
  body?: unknown;
  headers?: Record<string, string>;
  repeat?: Repeat;
}

export class CallboardClient {
  private readonly transport: Transport;
  private readonly appId: string;
  private readonly key: Hmac;
  private readonly context: Record<string, string>;
  private readonly sessions: Sessions;
  private readonly boards = new BoardCache();

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
    this.appId = options.appId;
    this.key = new Hmac(options.clientKey);
    this.context = contextHeaders(options);
    this.sessions = new Sessions(options.sessions ?? new MemorySessionStore(),
                                 () => this.transport.nowS(), (token) => this.exchange(token));
  }

  /** Takes over a session that the app's backend opened. */
  async setSession(session: Session): Promise<void> {
    this.boards.clear();
    await this.sessions.keep(session);
  }

  /** The session as it is kept, or undefined. */
  async session(): Promise<StoredSession | undefined> {
    return this.sessions.current();
  }

  /** Forgets the session on this device. */
  async endSession(): Promise<void> {
    this.boards.clear();
    await this.sessions.forget();
  }

  /** A session for a new anonymous user, where the application allows it. */
  async openAnonymousSession(options: CallOptions = {}): Promise<StoredSession> {
    const request = {method: "POST", path: "/bp/session", repeat: "unlost", ...options} as const;
    const answer = await this.call<Session>(request, "");
    await this.setSession(answer.body as Session);
    return (await this.session()) as StoredSession;
  }

  /** New tokens now. Every call does this by itself when its token is about to expire. */
  async refreshSession(): Promise<StoredSession> {
    return this.sessions.refreshed((await this.session())?.session_token ?? "");
  }

  /** The user's bulletins. What has not changed since the last call is not sent again. */
  async board(options: BoardOptions = {}): Promise<BoardAnswer> {
    const query = boardQuery(options);
    return this.boards.read(query.toString(), options, (headers) => this.callAsUser<Board>(
      {path: "/bp/bulletin_board", query, headers, ...signalOf(options)}));
  }

  async getAttributes(options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("GET", undefined, options);
  }

  /** Sets all attributes; those that only the backend may write stay. */
  async replaceAttributes(attributes: Attributes, options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("PUT", {attributes}, options);
  }

  /** Sets those named; null removes one. */
  async mergeAttributes(attributes: Attributes, options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("PATCH", {attributes}, options);
  }

  /** Tells when the user's board may have changed: once at the start and after each gap, then at
   * each change. Reconnects by itself, until the signal aborts or the session has ended. */
  stream(options: StreamOptions = {}): AsyncGenerator<BoardEvent, void, void> {
    const target = this.transport.address("/bp/stream");
    return boardEvents(this.transport, (use) => this.withSession(use), (token) => ({
      method: "GET", target, signal: options.signal,
      headers: () => this.headers("GET", target, undefined, token),
    }), options);
  }

  /** The user's board now, and again whenever it has changed. */
  async *watch(
    options: BoardOptions & StreamOptions = {}): AsyncGenerator<BoardAnswer, void, void> {
    let last: BoardAnswer["bulletins"] | undefined;
    for await (const event of this.stream(options)) {
      const board = await this.board({...options, minRevision: event.revision});
      // Not `changed`, which may compare with what another call has read meanwhile.
      if (board.bulletins !== last) yield board;
      last = board.bulletins;
    }
  }

  private async attributes(method: string, body: unknown, options: CallOptions) {
    const request = {method, path: "/bp/user/info", body, ...signalOf(options)};
    const answer = await this.callAsUser<{attributes: Attributes}>(request);
    return (answer.body as {attributes: Attributes}).attributes;
  }

  // Where no answer came the server may have spent the token, so it is not sent again.
  private async exchange(refreshToken: string): Promise<Session> {
    const body = {refresh_token: refreshToken};
    const request = {method: "POST", path: "/bp/session/refresh", body, repeat: "unlost"} as const;
    return (await this.call<Session>(request, "")).body as Session;
  }

  private async callAsUser<Body>(request: Request): Promise<Answer<Body>> {
    return this.withSession((token) => this.call<Body>(request, token));
  }

  // A token may end before its time: then once more with a new one.
  private async withSession<Result>(use: (token: string) => Promise<Result>): Promise<Result> {
    const token = await this.sessions.token();
    try {
      return await use(token);
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      return use((await this.sessions.refreshed(token)).session_token);
    }
  }

  private async call<Body>(request: Request, token: string): Promise<Answer<Body>> {
    const {method = "GET", repeat = "always", signal} = request;
    const target = this.transport.address(request.path, request.query);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    return this.transport.json<Body>({
      method, target, body, repeat, signal,
      headers: async () => ({
        ...request.headers, ...(body === undefined ? {} : {"Content-Type": "application/json"}),
        ...(await this.headers(method, target, body, token)),
      }),
    });
  }

  private async headers(method: string, target: URL, body: string | undefined, token: string) {
    const signed = {
      appId: this.appId, time: this.transport.nowS(), method,
      target: target.pathname + target.search, sessionToken: token,
      ...(body === undefined ? {} : {body}),
    };
    return {
      ...this.context, "X-BytePower-Sign": await signatureHeader(this.key, signed),
      ...(token ? {"X-BytePower-Session-Token": token} : {"X-App-ID": this.appId}),
    };
  }
}

function signalOf(options: CallOptions): CallOptions {
  return options.signal ? {signal: options.signal} : {};
}
