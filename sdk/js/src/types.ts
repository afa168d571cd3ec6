// The API's types, by their names in docs/openapi.yaml, from which generated/api.ts is made.

import type {components, paths} from "./generated/api.js";

type Schemas = components["schemas"];

export type Board = Schemas["Board"];
/** One bulletin as an audience sees it. */
export type BoardEntry = Board["bulletin_board"][number];
export type Scalar = Schemas["Scalar"];
/** A variable or attribute; null removes it. */
export type Attributes = Schemas["Attributes"];
export type Session = Schemas["Session"];
/** Times are RFC 3339, in the application's zone. */
export type Event = Schemas["Event"];
export type Person = Schemas["Person"];
export type SubscribedToAll =
  paths["/users/events/all"]["post"]["responses"]["200"]["content"]["application/json"]["data"];
export type QuizStatistics = Schemas["QuizStatistics"];
/** One that the application does not have: `YYYY/MM/DD HH:MM` in its zone, or RFC 3339. */
export interface NewEvent {
  id?: string;
  event_time_start: string;
  event_time_end: string;
  event_detail?: string | null;
}
export type UserAttributes =
  paths["/bp/server/users/info"]["put"]["requestBody"]["content"]["application/json"][number];
