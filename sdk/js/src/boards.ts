// Reading boards so that one which has not changed is not sent again.

import type {Answer, CallOptions} from "./transport.js";
import type {Board, BoardEntry} from "./types.js";

export interface BoardOptions extends CallOptions {
  /** Only these categories; absent, all. */
  categories?: readonly string[];
  /** Answer from a board at least this new; the server waits for it up to a second. */
  minRevision?: number;
}

export interface BoardAnswer {
  /** Best first. Shared between answers that are the same: don't change it. */
  readonly bulletins: readonly BoardEntry[];
  /** Of the application's board; grows with every write of an operator. */
  readonly revision: number;
  /** Whether it differs from the last answer to the same question. */
  readonly changed: boolean;
}

interface Known {
  readonly etag: string;
  readonly bulletins: readonly BoardEntry[];
}

const maxKnown = 64;

export interface ContextOptions {
  /** The variables app_version, device_info, language and timezone of conditions. */
  appVersion?: string;
  deviceInfo?: string;
  language?: string;
  timezone?: string;
}

export function contextHeaders(options: ContextOptions): Record<string, string> {
  const headers = {
    "X-App-Version": options.appVersion, "X-Device-Info": options.deviceInfo,
    "Accept-Language": options.language, "X-Timezone": options.timezone,
  };
  return Object.fromEntries(Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined));
}

export function boardQuery(options: BoardOptions): URLSearchParams {
  return new URLSearchParams((options.categories ?? []).map((name) => ["category", name]));
}

/** The last answers, by question; the longest unused are forgotten. */
export class BoardCache {
  private readonly known = new Map<string, Known>();

  /** Asks by `call`, which adds the headers that it is given to the request's own. */
  async read(question: string, options: BoardOptions,
             call: (headers: Record<string, string>) => Promise<Answer<Board>>,
  ): Promise<BoardAnswer> {
    const before = this.known.get(question);
    const answer = await call({
      ...(before ? {"If-None-Match": before.etag} : {}),
      ...(options.minRevision === undefined
        ? {} : {"X-Min-Board-Revision": String(options.minRevision)}),
    });
    const now = answer.body
      ? {etag: answer.headers.get("ETag") ?? "", bulletins: answer.body.bulletin_board}
      : before ?? {etag: "", bulletins: []};
    this.keep(question, now);
    const revision = Number(answer.headers.get("X-Board-Revision"));
    return {bulletins: now.bulletins, revision, changed: now.etag !== before?.etag};
  }

  clear(): void {
    this.known.clear();
  }

  private keep(question: string, answer: Known): void {
    this.known.delete(question);
    if (answer.etag) this.known.set(question, answer);
    if (this.known.size > maxKnown) this.known.delete(this.known.keys().next().value as string);
  }
}
