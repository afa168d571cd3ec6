-- What became of jobs, and who does them.
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
