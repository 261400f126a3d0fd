-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 7 to 8: the error of Xen's counts, which are read a little before or after an edge.

ALTER TABLE samples ADD COLUMN vcpus INTEGER;                     -- online when Xen's count was read at the start
ALTER TABLE samples ADD COLUMN overlap_slack_ns INTEGER;          -- overlap_run_ns covers the overlap and this much time around it
ALTER TABLE samples ADD COLUMN run_slack_ns INTEGER;              -- likewise run_ns
ALTER TABLE vcpu_times ADD COLUMN span_ns INTEGER;                -- between the two readings of this domain's counts, Dom0's monotonic clock
ALTER TABLE vcpu_times ADD COLUMN span_error_ns INTEGER;          -- how long the readings themselves took

-- cpu_part is NULL where the readings span over a tenth more than the overlap: they were too far from its edges.
DROP VIEW overlaps;
CREATE VIEW overlaps AS
  SELECT s.run, c.case_no, c.cell, c.repetition, s.guest, c.overlap_ns / 1e9 AS overlap_s, s.wall_ns / 1e9 AS wall_s,
         min(1.0, c.overlap_ns * 1.0 / s.wall_ns) AS wall_part,
         CASE WHEN ifnull(s.overlap_slack_ns, 0) * 10 <= c.overlap_ns
              THEN min(1.0, s.overlap_run_ns * 1.0 / s.run_ns) END AS cpu_part
    FROM samples s JOIN cells c USING (run, cell, attempt)
    JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest
   WHERE c.state = 'done' AND c.warmup = 0 AND p.role = 'measured' AND s.outcome = 'exited' AND s.status = 0;
