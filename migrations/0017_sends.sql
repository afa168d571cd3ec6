-- What is to be sent to many, once: a reminder of an event at one lead time, the notice that an
-- event was moved, or a bulletin.
CREATE TABLE sends (
  send_id TEXT NOT NULL PRIMARY KEY,
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                -- reminder, moved, bulletin
  subject_id TEXT NOT NULL,          -- the event's or the bulletin's
  owner_id TEXT NOT NULL,            -- of the event, as in events
  subject_made_at_ms BIGINT NOT NULL, -- an id that comes back is of something else
  version BIGINT NOT NULL,           -- of the event
  lead_minutes BIGINT NOT NULL,      -- 0 where it is no reminder
  due_at_ms BIGINT NOT NULL,         -- not before
  begin_before_ms BIGINT NOT NULL,   -- whom nobody has tried by then is not tried any more
  end_before_ms BIGINT NOT NULL,     -- no attempt from then on: the event starts
  state TEXT NOT NULL,               -- scheduled, held, paging, sending, done, expired, skipped,
                                     -- cancelled
  reason TEXT NOT NULL DEFAULT '',   -- of being held, skipped, expired or cancelled
  is_silent BIGINT NOT NULL DEFAULT 0,
  messages TEXT NOT NULL DEFAULT '', -- a bulletin's, as JSON; an event's follow from it
  paged_to TEXT NOT NULL DEFAULT '', -- the last user that a page looked at
  created_at_ms BIGINT NOT NULL,
  claimed_at_ms BIGINT,              -- when its pages began
  ended_at_ms BIGINT
);

-- At most one live reminder of an event at one lead time.
CREATE UNIQUE INDEX sends_live ON sends (app_id, kind, subject_id, owner_id, lead_minutes)
  WHERE state IN ('scheduled', 'held', 'paging', 'sending');
CREATE INDEX sends_by_subject ON sends (app_id, subject_id, owner_id);
CREATE INDEX sends_by_due ON sends (app_id, due_at_ms, send_id);
CREATE INDEX sends_under_way ON sends (send_id) WHERE state = 'sending';
CREATE INDEX sends_to_page ON sends (send_id) WHERE state IN ('scheduled', 'held', 'paging');
CREATE INDEX sends_ended ON sends (ended_at_ms) WHERE ended_at_ms IS NOT NULL;

-- What goes to LINE in one call: frozen, so that each attempt under its key is the same.
CREATE TABLE send_deliveries (
  retry_key TEXT NOT NULL PRIMARY KEY,
  send_id TEXT NOT NULL REFERENCES sends (send_id) ON DELETE CASCADE,
  app_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,          -- of the Messaging API
  endpoint TEXT NOT NULL,            -- push or multicast
  body TEXT NOT NULL,                -- the bytes; empty once it has ended
  recipients BIGINT NOT NULL,
  state TEXT NOT NULL,               -- ready, trying, accepted, rejected, unknown, expired,
                                     -- cancelled
  attempts BIGINT NOT NULL DEFAULT 0,
  in_doubt BIGINT NOT NULL DEFAULT 0, -- 1: an attempt may have been accepted
  next_attempt_at_ms BIGINT NOT NULL,
  begin_before_ms BIGINT NOT NULL,   -- as in sends
  end_before_ms BIGINT NOT NULL,     -- as in sends; once tried, also the end of the key's life
  message TEXT NOT NULL DEFAULT '',  -- what LINE said last
  request_id TEXT NOT NULL DEFAULT '', -- of the accepted attempt, as LINE named it
  created_at_ms BIGINT NOT NULL,
  first_attempt_at_ms BIGINT,
  ended_at_ms BIGINT
);

CREATE INDEX send_deliveries_due ON send_deliveries (channel_id, next_attempt_at_ms)
  WHERE state IN ('ready', 'trying');
CREATE INDEX send_deliveries_by_send ON send_deliveries (send_id);

-- Everyone whom a send concerns, once.
CREATE TABLE send_recipients (
  send_id TEXT NOT NULL REFERENCES sends (send_id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  retry_key TEXT,                    -- of the delivery whose outcome is theirs; null: skipped
  reason TEXT,                       -- why they were skipped, or rejected by name
  PRIMARY KEY (send_id, user_id)
);

CREATE INDEX send_recipients_skipped ON send_recipients (send_id) WHERE retry_key IS NULL;

-- The Messaging API's channels as their senders have them.
CREATE TABLE send_channels (
  channel_id TEXT NOT NULL PRIMARY KEY,
  sender TEXT NOT NULL,              -- the process that sends now, or did last
  left_at_ms BIGINT,                 -- when it stopped; null: it has not, or died
  held_until_ms BIGINT,              -- LINE takes nothing until then; null: it does
  hold_reason TEXT NOT NULL DEFAULT '',
  held_since_ms BIGINT
);
