// The user's session: where it is kept, when it is refreshed, and that only one refresh runs at a
// time. A refresh token works once; one that is used twice ends the session for good.

import {AuthenticationError, NoSessionError} from "./errors.js";
import type {Session} from "./types.js";

/** A session, and when its token expires by the server's clock. */
export interface StoredSession extends Session {
  expires_unix_s: number;
}

/** Where sessions are kept from one start of the program to the next. */
export interface SessionStore {
  load(): Promise<StoredSession | undefined> | StoredSession | undefined;
  /** undefined: there is none any more. */
  save(session: StoredSession | undefined): Promise<void> | void;
  /** Runs `task` while no other program that shares the store runs one. */
  exclusively?<Result>(task: () => Promise<Result>): Promise<Result>;
}

/** Kept for as long as the program runs. */
export class MemorySessionStore implements SessionStore {
  private session: StoredSession | undefined;

  load(): StoredSession | undefined {
    return this.session;
  }

  save(session: StoredSession | undefined): void {
    this.session = session;
  }
}

/** Kept in a browser's IndexedDB, and safe to share between tabs. (localStorage is not: a tab may
 * read what another has overwritten already.) */
export class WebSessionStore implements SessionStore {
  constructor(private readonly name = "callboard-session") {}

  async load(): Promise<StoredSession | undefined> {
    return this.transact("readonly", (sessions) => sessions.get("session"));
  }

  async save(session: StoredSession | undefined): Promise<void> {
    await this.transact<unknown>("readwrite", (sessions) =>
      session ? sessions.put(session, "session") : sessions.delete("session"));
  }

  async exclusively<Result>(task: () => Promise<Result>): Promise<Result> {
    // Awaited: some versions of TypeScript's library type the lock's result as a promise of one.
    return navigator.locks ? await navigator.locks.request(this.name, task) : task();
  }

  private async transact<Result>(
    mode: IDBTransactionMode, use: (sessions: IDBObjectStore) => {readonly result: Result},
  ): Promise<Result> {
    const database = await this.open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("sessions", mode);
        const request = use(transaction.objectStore("sessions"));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("sessions");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}

const earlyS = 60;  // a token that expires sooner is refreshed before it is used

export class Sessions {
  private refreshing: Promise<StoredSession> | undefined;

  constructor(private readonly store: SessionStore, private readonly nowS: () => number,
              private readonly exchange: (refreshToken: string) => Promise<Session>) {}

  async keep(session: Session): Promise<void> {
    await this.store.save({...session, expires_unix_s: this.nowS() + session.expires_in});
  }

  async forget(): Promise<void> {
    await this.store.save(undefined);
  }

  async current(): Promise<StoredSession | undefined> {
    return this.store.load();
  }

  /** A token that is still good. Throws NoSessionError. */
  async token(): Promise<string> {
    const session = await this.current();
    if (!session) throw new NoSessionError("there is no session");
    if (session.expires_unix_s > this.nowS() + earlyS) return session.session_token;
    return (await this.refreshed(session.session_token)).session_token;
  }

  /** The session that comes after the one with `oldToken`: by one refresh, however many ask. */
  async refreshed(oldToken: string): Promise<StoredSession> {
    this.refreshing ??= this.alone(() => this.refresh(oldToken)).finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private alone<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.store.exclusively ? this.store.exclusively(task) : task();
  }

  private async refresh(oldToken: string): Promise<StoredSession> {
    const stored = await this.store.load();
    if (!stored) throw new NoSessionError("there is no session");
    if (stored.session_token !== oldToken) return stored;  // another tab was first
    if (!stored.refresh_token) throw new NoSessionError("the session has no refresh token");
    try {
      await this.keep(await this.exchange(stored.refresh_token));
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      await this.forget();
      throw new NoSessionError("the session has ended", {cause: error});
    }
    return (await this.store.load()) as StoredSession;
  }
}
