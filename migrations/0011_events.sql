-- What happens when. An event belongs to the application (owner_id '') or to the one user who
-- defined it by subscribing to it.
CREATE TABLE events (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  event_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL,  -- not before the start
  detail TEXT,             -- as its author wrote it
  version BIGINT NOT NULL, -- grows when the start moves, from 1
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, event_id, owner_id)
);

CREATE INDEX events_in_order ON events (app_id, owner_id, start_ms, event_id);

-- Who wants to know of which event: the application's, or their own copy of that id.
CREATE TABLE subscriptions (
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  remind INTEGER NOT NULL, -- 0 or 1: whether to be reminded
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, event_id),
  FOREIGN KEY (app_id, event_id, owner_id) REFERENCES events (app_id, event_id, owner_id)
    ON DELETE CASCADE
);

CREATE INDEX subscriptions_by_event ON subscriptions (app_id, event_id, user_id);

-- A user's calendar at an address that nobody can guess, by the SHA-256 of its token.
CREATE TABLE calendar_links (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id)
);
