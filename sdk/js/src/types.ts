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
export type UserAttributes =
  paths["/bp/server/users/info"]["put"]["requestBody"]["content"]["application/json"][number];
