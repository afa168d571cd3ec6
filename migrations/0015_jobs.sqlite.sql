-- Work that is to be done, once, whoever dies meanwhile. What is finished moves to job_history.
CREATE TABLE jobs (
  job_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never comes back
  app_id TEXT NOT NULL,           -- empty: the server's own
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,          -- JSON, the kind's own
  priority BIGINT NOT NULL,       -- higher goes first
  state TEXT NOT NULL,            -- scheduled, available, running, retryable
  run_at_ms BIGINT NOT NULL,      -- not before
  attempt BIGINT NOT NULL,        -- counted when it starts, from 1
  max_attempts BIGINT NOT NULL,
  unique_key TEXT,                -- at most one job of a key is here
  again_at_ms BIGINT,             -- wanted once more while it runs: when
  worker_id BIGINT,               -- who runs it
  cancel_requested BIGINT NOT NULL DEFAULT 0,
  errors TEXT NOT NULL DEFAULT '[]',  -- JSON, the last few
  progress TEXT,                  -- JSON
  created_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT            -- the last attempt
);

CREATE UNIQUE INDEX jobs_by_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX jobs_to_claim ON jobs (kind, priority DESC, run_at_ms, job_id)
  WHERE state = 'available';
CREATE INDEX jobs_due ON jobs (run_at_ms) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_running ON jobs (worker_id) WHERE state = 'running';
CREATE INDEX jobs_by_app ON jobs (app_id, job_id) WHERE app_id <> '';

CREATE TABLE job_history (
  job_id BIGINT NOT NULL PRIMARY KEY,
  app_id TEXT NOT NULL,
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  priority BIGINT NOT NULL,
  state TEXT NOT NULL,            -- completed, discarded, cancelled
  run_at_ms BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  max_attempts BIGINT NOT NULL,
  unique_key TEXT,
  errors TEXT NOT NULL,
  progress TEXT,
  created_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT,
  finished_at_ms BIGINT NOT NULL
);

CREATE INDEX job_history_by_end ON job_history (finished_at_ms);
CREATE INDEX job_history_discarded ON job_history (job_id) WHERE state = 'discarded';
CREATE INDEX job_history_by_app ON job_history (app_id, job_id) WHERE app_id <> '';

-- How many ended how, by day (UTC).
CREATE TABLE job_days (
  day BIGINT NOT NULL,            -- since 1970-01-01
  app_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,            -- completed, discarded, cancelled, and retryable for a failure
  jobs BIGINT NOT NULL,
  PRIMARY KEY (day, app_id, kind, state)
);

-- Who works. What belongs to one whose time is over is taken from it.
CREATE TABLE job_workers (
  worker_id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,             -- host and process
  started_at_ms BIGINT NOT NULL,
  seen_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);

-- Queues that nobody takes from: of one application, or (empty) of all.
CREATE TABLE job_pauses (
  queue TEXT NOT NULL,
  app_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (queue, app_id)
);

-- When what recurs is due next.
CREATE TABLE job_crons (
  name TEXT NOT NULL PRIMARY KEY,
  next_at_ms BIGINT NOT NULL,
  last_at_ms BIGINT               -- null: never yet
);
