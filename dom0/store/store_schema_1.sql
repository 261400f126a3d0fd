-- SPDX-License-Identifier: GPL-3.0-or-later
-- The store, version 1 (docs/store.md). store_schema_2.sql and so on lead from each version to the next; all of them in
-- turn make a new store. No statement changes once it has shipped, comments inside it included: a change is a new file.
--
-- Keys are natural (the run's UUID and what lies below it), so that two stores can be merged. Times in _ns are
-- nanoseconds; *_at are UTC, ISO 8601. A guest's words are stored as they came, bounded: escape them before showing.

CREATE TABLE runs (
  run           TEXT PRIMARY KEY,          -- UUID
  name          TEXT NOT NULL,             -- of the experiment
  file          TEXT NOT NULL,             -- where the experiment was read from
  experiment    TEXT NOT NULL,             -- its text
  state         TEXT NOT NULL CHECK (state IN ('unfinished', 'finished', 'abandoned')),
  cell_order    TEXT NOT NULL,             -- interleaved, sequential, random
  seed          INTEGER NOT NULL,          -- of a random order
  repetitions   INTEGER NOT NULL,
  warmup        INTEGER NOT NULL,
  workload      TEXT NOT NULL,
  metric        TEXT,                      -- the workload's primary metric; NULL: the wall time
  unit          TEXT,
  better        TEXT,                      -- more, less
  xenbench      TEXT NOT NULL,             -- version
  started_at    TEXT NOT NULL,
  ended_at      TEXT,                      -- of the last process that worked on it
  resumed       INTEGER NOT NULL DEFAULT 0 -- how often
) STRICT, WITHOUT ROWID;

-- What the host was: hypervisor, toolstack, scheduler, CPUs, kernel ...
CREATE TABLE host (
  run    TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE guests (
  run            TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  guest          TEXT NOT NULL,
  position       INTEGER NOT NULL,         -- in the experiment, from 0
  socket         TEXT,                     -- an agent behind a unix socket, no domain
  image          TEXT,
  type           TEXT,                     -- pv, pvh
  memory_bytes   INTEGER,
  vcpus          INTEGER,
  made           INTEGER NOT NULL DEFAULT 0, -- by this run: removed after it
  started        INTEGER NOT NULL DEFAULT 0, -- was there, but started by this run: stopped after it
  uuid           TEXT,
  baseline       TEXT,                     -- JSON: the allocation it had before the first cell
  agent          TEXT,                     -- from here on the guest's words: agent version ...
  boot_id        TEXT,
  kernel         TEXT,
  os             TEXT,
  clocksource    TEXT,
  net            TEXT,                     -- JSON list: its network devices
  settled        INTEGER,                  -- its own boot had come to rest before the first cell
  PRIMARY KEY (run, guest)
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
  run       TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no   INTEGER NOT NULL,              -- in the experiment, from 0
  name      TEXT NOT NULL,
  settings  TEXT NOT NULL,                 -- JSON: what is asked for Dom0, each guest and pools
  PRIMARY KEY (run, case_no)
) STRICT, WITHOUT ROWID;

-- One case, one repetition, all guests at once. A cell that had to be repeated has one row per attempt.
CREATE TABLE cells (
  run               TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  cell              INTEGER NOT NULL,      -- in the order of the run, from 0
  attempt           INTEGER NOT NULL,      -- from 1
  case_no           INTEGER NOT NULL,
  repetition        INTEGER NOT NULL,      -- from 0; warm-ups count apart
  warmup            INTEGER NOT NULL,      -- 1: not counted in any figure
  state             TEXT NOT NULL CHECK (state IN ('planned', 'armed', 'released', 'ended', 'done', 'discarded')),
  why               TEXT,                  -- discarded: the reason
  started_at        TEXT,
  release_ns        INTEGER,               -- Dom0's monotonic clock
  window_ns         INTEGER,               -- between the two readings of Xen's counts, Dom0's monotonic clock
  overlap_ns        INTEGER,               -- from the release until the first job ended, likewise
  release_error_ns  INTEGER,               -- how far apart two guests may have started by the fault of our clocks
  controller_wakeups INTEGER,              -- while jobs ran
  resumed           INTEGER NOT NULL DEFAULT 0, -- 1: the controller died in it and came back
  PRIMARY KEY (run, cell, attempt)
) STRICT, WITHOUT ROWID;

-- The result of one job. Arming inserts the row; outcome is NULL until the result comes.
CREATE TABLE samples (
  run                   TEXT NOT NULL,
  cell                  INTEGER NOT NULL,
  attempt               INTEGER NOT NULL,
  guest                 TEXT NOT NULL,
  token                 TEXT NOT NULL UNIQUE, -- the job's name in the guest
  outcome               TEXT,               -- exited, signaled, timeout, exec-failed, oom, killed, cancelled, lost
  status                INTEGER,            -- exit status, signal or errno
  detail                TEXT,
  wall_ns               INTEGER,            -- release to end, the guest's monotonic clock
  dispatch_delay_ns     INTEGER,            -- release to the job's first instruction
  dom0_wall_ns          INTEGER,            -- release to the arrival of the result, Dom0's clock
  run_ns                INTEGER,            -- on a CPU in that time, all vcpus, as Xen counts
  overlap_run_ns        INTEGER,            -- likewise from the release until the first job of the cell ended
  release_ns            INTEGER,            -- these three: the guest's monotonic clock
  opened_ns             INTEGER,
  ended_ns              INTEGER,
  user_ns               INTEGER,
  system_ns             INTEGER,
  steal_ns              INTEGER,            -- of the whole guest
  idle_ns               INTEGER,
  max_rss_bytes         INTEGER,
  minor_faults          INTEGER,
  major_faults          INTEGER,
  voluntary_switches    INTEGER,
  involuntary_switches  INTEGER,
  blocks_in             INTEGER,
  blocks_out            INTEGER,
  clocksource           TEXT,
  agent_wakeups         INTEGER,
  restores              INTEGER,
  frozen_ns             INTEGER,
  stdout_bytes          INTEGER,            -- written by the job
  stderr_bytes          INTEGER,
  offset_before_ns      INTEGER,            -- guest's monotonic clock less Dom0's, before and after the cell
  offset_after_ns       INTEGER,
  fit_before_ns         INTEGER,            -- how far that may be off
  fit_after_ns          INTEGER,
  start_run_ns          INTEGER,            -- Xen's count of the domain's run time at the release
  collected             INTEGER NOT NULL DEFAULT 0, -- 1: output and metrics are here, the guest may forget
  PRIMARY KEY (run, cell, attempt, guest),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The workload's own figures, read from its output.
CREATE TABLE metrics (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  name     TEXT NOT NULL,
  value    REAL NOT NULL,
  unit     TEXT NOT NULL,
  better   TEXT NOT NULL CHECK (better IN ('more', 'less')),
  PRIMARY KEY (run, cell, attempt, guest, name),
  FOREIGN KEY (run, cell, attempt, guest) REFERENCES samples ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The end of what a job wrote, bounded.
CREATE TABLE outputs (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  stream   TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  bytes    BLOB NOT NULL,
  PRIMARY KEY (run, cell, attempt, guest, stream),
  FOREIGN KEY (run, cell, attempt, guest) REFERENCES samples ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Run time of each vcpu in the cell's window, as Xen counts it. domain: a guest's name, or Domain-0.
CREATE TABLE vcpu_times (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  run_ns   INTEGER NOT NULL,
  pcpu     INTEGER NOT NULL,               -- where it was at the end
  PRIMARY KEY (run, cell, attempt, domain, vcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The settings in force, read back at both edges of the window.
CREATE TABLE settings_read (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  edge     TEXT NOT NULL CHECK (edge IN ('start', 'end')),
  settings TEXT NOT NULL,                  -- JSON
  differs  TEXT,                           -- NULL: as asked; else the first difference in words
  PRIMARY KEY (run, cell, attempt, domain, edge),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- In the lab: CPU time that the machine beneath gave to and took from each physical CPU that Xen sees, in the window.
CREATE TABLE host_steal (
  run       TEXT NOT NULL,
  cell      INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  pcpu      INTEGER NOT NULL,
  run_ns    INTEGER NOT NULL,
  delay_ns  INTEGER NOT NULL,              -- ready to run, but the machine ran something else
  span_ns   INTEGER NOT NULL,              -- the machine's clock between the two readings
  PRIMARY KEY (run, cell, attempt, pcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Doubts and events in words. A subject that does not apply is -1 or ''.
CREATE TABLE warnings (
  run      TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no  INTEGER NOT NULL,
  cell     INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  code     TEXT NOT NULL,                  -- a word for programs
  message  TEXT NOT NULL,
  PRIMARY KEY (run, case_no, cell, guest, code)
) STRICT, WITHOUT ROWID;

-- For people with sqlite3: every counted sample with its case and the primary metric.
CREATE VIEW results AS
  SELECT runs.name AS experiment, samples.run, cases.case_no, cases.name AS "case", cells.repetition, samples.guest,
         samples.outcome, samples.status, samples.wall_ns / 1e9 AS wall_s,
         samples.dispatch_delay_ns / 1e6 AS dispatch_delay_ms, samples.run_ns / 1e9 AS xen_run_s,
         metrics.value, metrics.unit
    FROM samples
    JOIN cells USING (run, cell, attempt)
    JOIN cases USING (run, case_no)
    JOIN runs USING (run)
    LEFT JOIN metrics ON metrics.run = samples.run AND metrics.cell = samples.cell
         AND metrics.attempt = samples.attempt AND metrics.guest = samples.guest AND metrics.name = runs.metric
   WHERE cells.state = 'done' AND cells.warmup = 0;
