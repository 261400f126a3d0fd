-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 3 to 4: solo baselines.

ALTER TABLE parts ADD COLUMN solo_case INTEGER;                   -- the case in which this guest runs alone under the same settings

-- The median figure of each measured guest in each case: its metric, or the seconds from release to end.
CREATE VIEW medians AS
  SELECT run, case_no, guest, metric, unit, better, avg(figure) AS median, max(n) AS samples
    FROM (SELECT run, case_no, guest, metric, unit, better, figure,
                 row_number() OVER (PARTITION BY run, case_no, guest ORDER BY figure) AS place,
                 count(*) OVER (PARTITION BY run, case_no, guest) AS n
            FROM (SELECT s.run, c.case_no, s.guest, p.metric, p.unit, p.better,
                         CASE WHEN p.metric IS NULL THEN s.wall_ns / 1e9 ELSE m.value END AS figure
                    FROM samples s JOIN cells c USING (run, cell, attempt)
                    JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest
                    LEFT JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt
                         AND m.guest = s.guest AND m.name = p.metric
                   WHERE c.state = 'done' AND c.warmup = 0 AND p.role = 'measured'
                     AND s.outcome = 'exited' AND s.status = 0)
           WHERE figure IS NOT NULL)
   WHERE place IN ((n + 1) / 2, (n + 2) / 2)
   GROUP BY run, case_no, guest, metric, unit, better;

-- How many times worse a guest did in a case than alone: 1 is equal, 2 is half as good.
CREATE VIEW slowdowns AS
  SELECT p.run, p.case_no, cases.name AS "case", p.guest, shared.median, solo.median AS solo_median, shared.unit,
         CASE WHEN p.metric IS NULL OR p.better = 'less' THEN shared.median / solo.median
              ELSE solo.median / shared.median END AS slowdown
    FROM parts p JOIN cases USING (run, case_no)
    JOIN medians shared ON shared.run = p.run AND shared.case_no = p.case_no AND shared.guest = p.guest
    JOIN medians solo ON solo.run = p.run AND solo.case_no = p.solo_case AND solo.guest = p.guest
   WHERE shared.median > 0 AND solo.median > 0;
