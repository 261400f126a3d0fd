-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 11 to 12: histograms that a workload reports, such as latencies. metrics has their percentiles.

CREATE TABLE histograms (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  name     TEXT NOT NULL,
  unit     TEXT NOT NULL,
  better   TEXT NOT NULL CHECK (better IN ('more', 'less')),
  over     INTEGER NOT NULL CHECK (over BETWEEN 0 AND 1125899906842624), -- values above all buckets, which the program only counted
  least    REAL,                           -- the smallest value as the program told it
  most     REAL,                           -- the greatest; NULL: it is above all buckets
  PRIMARY KEY (run, cell, attempt, guest, name),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- value: three significant digits, within 0.5 % of the values that it stands for.
CREATE TABLE histogram_buckets (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  name     TEXT NOT NULL,
  value    REAL NOT NULL CHECK (value >= 0 AND value <= 1e15),
  count    INTEGER NOT NULL CHECK (count BETWEEN 1 AND 1125899906842624),
  PRIMARY KEY (run, cell, attempt, guest, name, value),
  FOREIGN KEY (run, cell, attempt, guest, name) REFERENCES histograms ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
