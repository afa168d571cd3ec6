// What an app's backend calls, with a server token that it makes itself. Not for browsers: whoever
// has the server key can read and write every user of the application.

import {BoardCache, boardQuery, contextHeaders, type BoardAnswer, type BoardOptions,
  type ContextOptions} from "./boards.js";
import {base64url, Hmac} from "./crypto.js";
import {Transport, type Answer, type CallOptions, type TransportOptions} from "./transport.js";
import type {Attributes, Board, Session, UserAttributes} from "./types.js";

export interface ServerOptions extends TransportOptions {
  appId: string;
  /** `cbs_...`, for HS256. */
  serverKey: string;
  /** The key's id, so that the server need not try both keys during a rotation. */
  serverKeyId?: string;
}

export interface UserBoardOptions extends BoardOptions, ContextOptions {
  /** Variables that stand in for stored attributes and built-in variables, in this answer only. */
  context?: Attributes;
  /** The same for text alone, as `attr.NAME` in the query. Where both name one, context wins. */
  overrides?: Readonly<Record<string, string>>;
}

const tokenLifeS = 600;
const tokenEarlyS = 60;  // it is made anew so long before it expires

export class CallboardServer {
  private readonly transport: Transport;
  private readonly key: Hmac;
  private readonly boards = new BoardCache();
  private token: {text: string; madeS: number} | undefined;

  constructor(private readonly options: ServerOptions) {
    this.transport = new Transport(options);
    this.key = new Hmac(options.serverKey);
  }

  /** What this user sees. */
  async board(userId: string, options: UserBoardOptions = {}): Promise<BoardAnswer> {
    const query = boardQuery(options);
    for (const [name, value] of Object.entries(options.overrides ?? {})) {
      query.append(`attr.${name}`, value);
    }
    const body = options.context && {context: options.context};
    const context = contextHeaders(options);
    const question = JSON.stringify([userId, query.toString(), body, context]);
    const path = userPath(userId, "bulletin_board");
    return this.boards.read(question, options, (headers) => this.call<Board>(
      body ? "POST" : "GET", path, {...options, query, body, headers: {...context, ...headers}}));
  }

  async getAttributes(userId: string, options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("GET", userId, undefined, options);
  }

  /** Sets all attributes of a user, and creates the user. */
  async replaceAttributes(
    userId: string, attributes: Attributes, options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("PUT", userId, {attributes}, options);
  }

  /** Sets those named; null removes one. Creates the user. */
  async mergeAttributes(
    userId: string, attributes: Attributes, options: CallOptions = {}): Promise<Attributes> {
    return this.attributes("PATCH", userId, {attributes}, options);
  }

  /** Merges the attributes of up to 1,000 users: all, or none. Returns how many it wrote. */
  async mergeAttributesOfMany(
    users: readonly UserAttributes[], options: CallOptions = {}): Promise<number> {
    const answer = await this.call<{users: number}>("PUT", "/bp/server/users/info",
                                                    {...options, body: users});
    return (answer.body as {users: number}).users;
  }

  /** A session for a user whom the backend knows; hand it to CallboardClient.setSession(). */
  async openSession(userId: string, options: CallOptions = {}): Promise<Session> {
    const answer = await this.call<Session>("POST", userPath(userId, "session"), options);
    return answer.body as Session;
  }

  private async attributes(method: string, userId: string, body: unknown, options: CallOptions) {
    const answer = await this.call<{attributes: Attributes}>(method, userPath(userId, "info"),
                                                             {...options, body});
    return (answer.body as {attributes: Attributes}).attributes;
  }

  private async call<Body>(method: string, path: string, more: CallOptions & {
    query?: URLSearchParams; body?: unknown; headers?: Record<string, string>;
  }): Promise<Answer<Body>> {
    const body = more.body === undefined ? undefined : JSON.stringify(more.body);
    return this.transport.json<Body>({
      method, target: this.transport.address(path, more.query), body, signal: more.signal,
      headers: async () => ({
        ...more.headers, ...(body === undefined ? {} : {"Content-Type": "application/json"}),
        "X-BytePower-Auth-Token": await this.serverToken(),
      }),
    });
  }

  private async serverToken(): Promise<string> {
    const now = this.transport.nowS();
    const age = this.token ? now - this.token.madeS : -1;  // negative too if the clock was wrong
    if (this.token && age >= 0 && age < tokenLifeS - tokenEarlyS) return this.token.text;
    const kid = this.options.serverKeyId;
    const header = {alg: "HS256", typ: "JWT", ...(kid === undefined ? {} : {kid})};
    const claims = {iss: this.options.appId, aud: "callboard", exp: now + tokenLifeS};
    const text = `${encoded(header)}.${encoded(claims)}`;
    const signature = base64url(new Uint8Array(await this.key.sign(text)));
    this.token = {text: `${text}.${signature}`, madeS: now};
    return this.token.text;
  }
}

function encoded(value: unknown): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

// Every URL parser takes the segments "." and ".." away, however they are escaped.
function userPath(userId: string, what: string): string {
  if (userId === "." || userId === "..") throw new RangeError(`no URL can name the user ${userId}`);
  return `/bp/server/user/${encodeURIComponent(userId)}/${what}`;
}
