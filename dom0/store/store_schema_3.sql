-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 2 to 3: checks against the hypervisor.

-- The share of CPU time that the settings in force at the window's start promise a guest whose vcpus all want to run.
CREATE TABLE promises (
  run       TEXT NOT NULL,
  cell      INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  guest     TEXT NOT NULL,
  cpus      REAL,                          -- 1: a whole CPU's time; NULL: it cannot be computed
  how       TEXT NOT NULL,                 -- what it follows from, or why it cannot be computed
  PRIMARY KEY (run, cell, attempt, guest),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Was Dom0 itself short of CPU in the window? Differences between its edges.
CREATE TABLE dom0_probes (
  run          TEXT NOT NULL,
  cell         INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  span_ns      INTEGER NOT NULL,           -- Dom0's monotonic clock
  steal_ns     INTEGER,                    -- its vcpus were runnable, and Xen ran others (/proc/stat: steal)
  pressure_ns  INTEGER,                    -- a task in it waited for a vcpu (/proc/pressure/cpu: some)
  delay_ns     INTEGER,                    -- the controller did (/proc/self/schedstat)
  short        INTEGER NOT NULL,           -- 1: so much that it may have delayed what Dom0 does for guests
  PRIMARY KEY (run, cell, attempt),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Performance counters of a job and its descendants, as the guest's kernel read them.
CREATE TABLE counters (
  run        TEXT NOT NULL,
  cell       INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  guest      TEXT NOT NULL,
  name       TEXT NOT NULL,                -- cycles, instructions, cache-misses ...
  value      INTEGER,                      -- scaled up where the counter had to be shared; NULL: why says why
  part       REAL,                         -- of the job's time in which it counted: 1 is all of it
  why        TEXT,
  PRIMARY KEY (run, cell, attempt, guest, name),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- With --trace: Xen's own records from the release until the last result, reduced.
CREATE TABLE traces (
  run             TEXT NOT NULL,
  cell            INTEGER NOT NULL,
  attempt         INTEGER NOT NULL,
  span_ns         INTEGER NOT NULL,        -- of the window that the figures are for
  covered_ns      INTEGER NOT NULL,        -- from its start to the end of the trace: less where the trace got too large
  bytes           INTEGER NOT NULL,
  records         INTEGER NOT NULL,
  lost            INTEGER NOT NULL,        -- records that Xen had to drop
  gaps            INTEGER NOT NULL,        -- in so many places
  contradictions  INTEGER NOT NULL,        -- records that do not follow from those before
  wakeups         INTEGER NOT NULL,        -- of the process that fetched the records, in the window
  worst_ns        INTEGER,                 -- largest difference from Xen's own count of a vcpu's run time
  PRIMARY KEY (run, cell, attempt),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Every vcpu that the trace names. domain: a guest's name, Domain-0, idle, or "domain N" for one not of the experiment.
CREATE TABLE trace_vcpus (
  run          TEXT NOT NULL,
  cell         INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  domain       TEXT NOT NULL,
  vcpu         INTEGER NOT NULL,
  running_ns   INTEGER NOT NULL,
  runnable_ns  INTEGER NOT NULL,           -- it wanted a CPU and had none
  blocked_ns   INTEGER NOT NULL,
  offline_ns   INTEGER NOT NULL,
  unknown_ns   INTEGER NOT NULL,           -- records are missing
  wakes        INTEGER NOT NULL,
  preemptions  INTEGER NOT NULL,
  moves        INTEGER NOT NULL,           -- it came to run on another CPU than before
  xen_run_ns   INTEGER,                    -- its run time in vcpu_times' window as Xen counts it ...
  same_run_ns  INTEGER,                    -- ... and as the trace has it for that same window
  PRIMARY KEY (run, cell, attempt, domain, vcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES traces ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Where each vcpu ran.
CREATE TABLE trace_residency (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  pcpu     INTEGER NOT NULL,
  run_ns   INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, domain, vcpu, pcpu),
  FOREIGN KEY (run, cell, attempt, domain, vcpu) REFERENCES trace_vcpus ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- How long each vcpu waited for a CPU. kind: wake, from a wake until it ran; all, each time it was runnable, preempted or woken.
CREATE TABLE trace_waits (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('wake', 'all')),
  count    INTEGER NOT NULL,
  mean_ns  INTEGER NOT NULL,
  min_ns   INTEGER NOT NULL,
  p50_ns   INTEGER NOT NULL,               -- percentiles: off by less than 1 %
  p90_ns   INTEGER NOT NULL,
  p99_ns   INTEGER NOT NULL,
  p999_ns  INTEGER NOT NULL,
  max_ns   INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, domain, vcpu, kind),
  FOREIGN KEY (run, cell, attempt, domain, vcpu) REFERENCES trace_vcpus ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The same in classes: the number of waits of at least from_ns and less than twice that (0 has those of 1 ns too).
CREATE TABLE trace_classes (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('wake', 'all')),
  from_ns  INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, domain, vcpu, kind, from_ns),
  FOREIGN KEY (run, cell, attempt, domain, vcpu) REFERENCES trace_vcpus ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

ALTER TABLE samples ADD COLUMN clocksource_before TEXT;    -- at its RELEASE; clocksource: at its end
