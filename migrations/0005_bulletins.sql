-- One row an application that has ever had a bulletin: the revision of its board, which grows with
-- every write, and the highest bulletin id given out, which is never given twice.
CREATE TABLE boards (
  app_id TEXT NOT NULL PRIMARY KEY REFERENCES applications (app_id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  last_bulletin_id BIGINT NOT NULL
);

CREATE TABLE bulletins (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  bulletin_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  body TEXT NOT NULL,
  start_unix_s BIGINT NOT NULL, -- 0: from always
  end_unix_s BIGINT NOT NULL,   -- exclusive; 0: for ever
  enabled INTEGER NOT NULL,     -- 0 or 1
  condition TEXT NOT NULL,      -- JSON
  priority BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, bulletin_id)
);

CREATE INDEX bulletins_by_update ON bulletins (app_id, updated_at_ms DESC, bulletin_id DESC);
