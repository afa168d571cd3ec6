export type {BoardAnswer, BoardOptions} from "./boards.js";
export {CallboardClient, type ClientOptions} from "./client.js";
export * from "./errors.js";
export {
  CallboardPeople, type EventPage, type PeopleOptions, type QuizResultOptions,
  type SubscribeOptions,
} from "./people.js";
export {CallboardServer, type ServerOptions, type UserBoardOptions} from "./server.js";
export {
  MemorySessionStore, WebSessionStore, type SessionStore, type StoredSession,
} from "./sessions.js";
export type {BoardEvent, StreamOptions} from "./stream.js";
export type {CallOptions, TransportOptions} from "./transport.js";
export type {
  Attributes, BoardEntry, Event, NewEvent, Person, QuizStatistics, Scalar, Session, SubscribedToAll,
  UserAttributes,
} from "./types.js";
