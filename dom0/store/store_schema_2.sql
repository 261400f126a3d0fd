-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 1 to 2: runs that repeat until they are sure or compare cases in pairs, a part for each guest in each case,
-- digests of what ran, and imported runs.

ALTER TABLE runs ADD COLUMN overrides TEXT NOT NULL DEFAULT '[]'; -- JSON list: settings from the command line, "repetitions=10"
ALTER TABLE runs ADD COLUMN until TEXT;                           -- JSON: when a case has been repeated enough; NULL: a count
ALTER TABLE runs ADD COLUMN compare TEXT NOT NULL DEFAULT '[]';   -- JSON list: {"a": case_no, "b": case_no}
ALTER TABLE runs ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;  -- 1: imported from another store, cannot be resumed here

ALTER TABLE cases ADD COLUMN stopped TEXT CHECK (stopped IN ('count', 'sure', 'max', 'time')); -- why no more repetitions
ALTER TABLE cases ADD COLUMN stopped_why TEXT;                    -- the same in words, with figures

ALTER TABLE cells ADD COLUMN spent_ns INTEGER;                    -- Dom0's clock, from setting up to done

ALTER TABLE guests ADD COLUMN image_sha256 TEXT;                  -- of the image's image.json, which differs in each build
ALTER TABLE guests ADD COLUMN recipe_sha256 TEXT;                 -- of everything that the image was built from
ALTER TABLE guests ADD COLUMN agent_sha256 TEXT;                  -- of the agent that was put into the image

-- What a guest does in a case, and the figure that counts there.
CREATE TABLE parts (
  run       TEXT NOT NULL,
  case_no   INTEGER NOT NULL,
  guest     TEXT NOT NULL,
  role      TEXT NOT NULL CHECK (role IN ('measured', 'background', 'idle')),
  workload  TEXT,                          -- NULL where it is idle
  metric    TEXT,                          -- the workload's primary metric; NULL: the wall time
  unit      TEXT,
  better    TEXT CHECK (better IN ('more', 'less')),
  PRIMARY KEY (run, case_no, guest),
  FOREIGN KEY (run, case_no) REFERENCES cases ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO parts (run, case_no, guest, role, workload, metric, unit, better)
  SELECT runs.run, case_no, guest, 'measured', workload, metric, unit, better
    FROM runs JOIN cases USING (run) JOIN guests USING (run);

UPDATE cases SET stopped = 'count'
 WHERE NOT EXISTS (SELECT 1 FROM cells WHERE cells.run = cases.run AND cells.case_no = cases.case_no
                   AND state NOT IN ('done', 'discarded'));

DROP VIEW results;

-- For people with sqlite3: every counted sample with its case and its primary metric.
CREATE VIEW results AS
  SELECT runs.name AS experiment, samples.run, cases.case_no, cases.name AS "case", cells.repetition, samples.guest,
         parts.role, parts.workload, samples.outcome, samples.status, samples.wall_ns / 1e9 AS wall_s,
         samples.dispatch_delay_ns / 1e6 AS dispatch_delay_ms, samples.run_ns / 1e9 AS xen_run_s,
         metrics.name AS metric, metrics.value, metrics.unit
    FROM samples
    JOIN cells USING (run, cell, attempt)
    JOIN cases USING (run, case_no)
    JOIN runs USING (run)
    LEFT JOIN parts ON parts.run = samples.run AND parts.case_no = cells.case_no AND parts.guest = samples.guest
    LEFT JOIN metrics ON metrics.run = samples.run AND metrics.cell = samples.cell
         AND metrics.attempt = samples.attempt AND metrics.guest = samples.guest AND metrics.name = parts.metric
   WHERE cells.state = 'done' AND cells.warmup = 0;
