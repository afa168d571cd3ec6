CREATE TABLE users (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  attributes TEXT NOT NULL, -- JSON object
  version BIGINT NOT NULL,  -- grows with every write, from 1
  registered_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id)
);
