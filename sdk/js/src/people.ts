// What a front end calls for people who log in with LINE: events, subscriptions and quizzes. The
// session is in cookies that scripts can't read, so there is nothing to keep here.

import {AuthenticationError} from "./errors.js";
import {Transport, type CallOptions, type Repeat, type TransportOptions} from "./transport.js";
import type {Event, NewEvent, Person, QuizStatistics, SubscribedToAll} from "./types.js";

export interface PeopleOptions extends TransportOptions {
  /** Where the server's address does not say which application it is. */
  appId?: string;
}

export interface EventPage extends CallOptions {
  page?: number;
  limit?: number;
}

export interface SubscribeOptions extends CallOptions {
  /** False: subscribed without reminders. */
  remind?: boolean;
}

export interface QuizResultOptions extends CallOptions {
  /** The same key never counts twice within a day; made for each call where absent. */
  idempotencyKey?: string;
}

interface Request extends CallOptions {
  method?: string;
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  repeat?: Repeat;
}

export class CallboardPeople {
  private readonly transport: Transport;
  private readonly appId: string | undefined;
  private refreshing: Promise<void> | undefined;

  constructor(options: PeopleOptions) {
    this.transport = new Transport(options, "include");
    this.appId = options.appId;
  }

  /** Where to send the browser to log in. It comes back to `redirectPath`, a path from the front
   * end's origin such as `location.pathname`; where the login failed with `?login_error=`. */
  loginUrl(redirectPath = ""): string {
    const query = new URLSearchParams({redirect_path: redirectPath});
    if (this.appId !== undefined) query.set("app_id", this.appId);
    return this.transport.address("/line-login/auth", query).href;
  }

  /** Who is logged in; undefined: nobody. */
  async profile(options: CallOptions = {}): Promise<Person | undefined> {
    try {
      return await this.asPerson<Person>({path: "/users/profile", ...options});
    } catch (error) {
      if (error instanceof AuthenticationError) return undefined;
      throw error;
    }
  }

  /** Ends the session, also of other tabs. */
  async logOut(options: CallOptions = {}): Promise<void> {
    await this.call({method: "POST", path: "/users/logout", ...options});
  }

  /** The application's events, by start; 10 a page unless `limit` says otherwise. */
  async events({page, limit, ...options}: EventPage = {}): Promise<Event[]> {
    return this.call<Event[]>({path: "/events", query: {page, limit}, ...options});
  }

  async event(eventId: string, options: CallOptions = {}): Promise<Event> {
    return this.call<Event>({path: `/events/${encodeURIComponent(eventId)}`, ...options});
  }

  /** What the person is subscribed to, by start. */
  async subscriptions(options: CallOptions = {}): Promise<Event[]> {
    return this.asPerson<Event[]>({path: "/users/events", ...options});
  }

  /** An event of the application by its id, or one of the person's own. */
  async subscribe(event: string | NewEvent, options: SubscribeOptions = {}): Promise<Event> {
    const {remind, ...more} = options;
    const body = typeof event === "string" ? {id: event} : event;
    return this.asPerson<Event>({
      method: "POST", path: "/users/events", query: {remind}, body, repeat: "unlost", ...more,
    });
  }

  /** To all that are to come, the earliest first, up to the limit. */
  async subscribeToAll(options: SubscribeOptions = {}): Promise<SubscribedToAll> {
    const {remind, ...more} = options;
    return this.asPerson<SubscribedToAll>({
      method: "POST", path: "/users/events/all", query: {remind}, ...more,
    });
  }

  async unsubscribe(eventId: string, options: CallOptions = {}): Promise<void> {
    const path = `/users/events/${encodeURIComponent(eventId)}`;
    await this.asPerson({method: "DELETE", path, ...options});
  }

  /** Counts the person's result. Safe to repeat: it is counted once. */
  async addQuizResult(quiz: string, type: string, options: QuizResultOptions = {}): Promise<void> {
    const {idempotencyKey = crypto.randomUUID(), ...more} = options;
    await this.asPerson({
      method: "POST", path: `/quizzes/${encodeURIComponent(quiz)}/results`, body: {type},
      headers: {"Idempotency-Key": idempotencyKey}, ...more,
    });
  }

  async quizStatistics(quiz: string, options: CallOptions = {}): Promise<QuizStatistics> {
    const path = `/quizzes/${encodeURIComponent(quiz)}/statistics`;
    return this.answer<QuizStatistics>({path, ...options});
  }

  // An access token lives an hour; what carries it on, thirty days.
  private async asPerson<Data>(request: Request): Promise<Data> {
    try {
      return await this.call<Data>(request);
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      await this.refreshOnce();
      return this.call<Data>(request);
    }
  }

  // A refresh token counts only once, however many calls and tabs find out that it is time.
  private async refreshOnce(): Promise<void> {
    this.refreshing ??= exclusively(() => this.refreshUnlessDone()).finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  // Another tab may have done it while this one waited for its turn.
  private async refreshUnlessDone(): Promise<void> {
    try {
      await this.call({path: "/users/profile"});
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      await this.call({method: "POST", path: "/users/refresh_token", repeat: "unlost"});
    }
  }

  private async call<Data = unknown>(request: Request): Promise<Data> {
    return (await this.answer<{data: Data}>(request)).data;
  }

  private async answer<Body>(request: Request): Promise<Body> {
    const {method = "GET", path, query = {}, repeat = "always", signal} = request;
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers = {
      ...request.headers, ...(body === undefined ? {} : {"Content-Type": "application/json"}),
      ...(this.appId === undefined ? {} : {"X-App-ID": this.appId}),
    };
    const answer = await this.transport.json<Body>({
      method, target: this.transport.address(path, search), body, repeat, signal,
      headers: async () => headers,
    });
    return answer.body as Body;
  }
}

/** One tab at a time, where the browser can tell them apart. */
async function exclusively(work: () => Promise<void>): Promise<void> {
  const locks = (globalThis as {navigator?: {locks?: LockManager}}).navigator?.locks;
  return locks === undefined ? work() : locks.request("callboard-refresh", work);
}
