-- People of an application's audience as LINE knows them.
CREATE TABLE line_accounts (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,        -- empty: not known yet
  picture_url TEXT NOT NULL, -- empty: none
  blocked_at_ms BIGINT,      -- null: may be written to
  status_at_ms BIGINT NOT NULL, -- when LINE last said whether it is blocked; 0: never
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id)
);

-- Logins under way: between the way to LINE and the way back. Each is used once.
CREATE TABLE login_attempts (
  state_hash TEXT NOT NULL PRIMARY KEY,
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  browser_hash TEXT NOT NULL, -- of the cookie that the browser must bring
  nonce TEXT NOT NULL,
  code_verifier TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  target TEXT NOT NULL, -- where it goes in the end
  expires_at_ms BIGINT NOT NULL
);

CREATE INDEX login_attempts_by_expiry ON login_attempts (expires_at_ms);

-- What LINE told us by webhook: kept before it is answered, worked off after, and remembered for
-- some days, since LINE may deliver it again.
CREATE TABLE line_webhook_events (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  webhook_event_id TEXT NOT NULL,
  received_at_ms BIGINT NOT NULL,
  event TEXT NOT NULL,             -- JSON
  done_at_ms BIGINT,               -- null: still to be worked off
  PRIMARY KEY (app_id, webhook_event_id)
);

CREATE INDEX line_webhook_events_done ON line_webhook_events (done_at_ms)
  WHERE done_at_ms IS NOT NULL;
