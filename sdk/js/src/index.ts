export type {BoardAnswer, BoardOptions} from "./boards.js";
export {CallboardClient, type ClientOptions} from "./client.js";
export * from "./errors.js";
export {CallboardServer, type ServerOptions, type UserBoardOptions} from "./server.js";
export {
  MemorySessionStore, WebSessionStore, type SessionStore, type StoredSession,
} from "./sessions.js";
export type {BoardEvent, StreamOptions} from "./stream.js";
export type {CallOptions, TransportOptions} from "./transport.js";
export type {Attributes, BoardEntry, Scalar, Session, UserAttributes} from "./types.js";
