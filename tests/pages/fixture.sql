-- SPDX-License-Identifier: GPL-3.0-or-later
-- A run of the four cases on a host of four CPUs: three guests, twelve repetitions, a solo baseline for each guest and
-- case, traces. Made up, without chance; write inserts it as often as it needs runs (:run, :day, :factor on base's times).
CREATE TEMP TABLE g (g INTEGER, guest TEXT);
INSERT INTO g VALUES (0, 'base'), (1, 'clone1'), (2, 'clone2');
CREATE TEMP TABLE shape (c INTEGER, name TEXT, promise0 REAL, promise1 REAL, how TEXT, t0 REAL, t1 REAL, t2 REAL, s0 REAL, s1 REAL);
INSERT INTO shape VALUES
  (0, 'no pinning', 1, 1, 'a CPU for each vcpu', 3.55, 3.70, 3.60, 0.93, 0.91),
  (1, 'a core each', 1, 1, 'a CPU for each vcpu', 3.32, 3.31, 3.35, 0.997, 0.996),
  (2, 'all on cores 2 and 3', 0.6667, 0.6667, '3 vcpus on 2 CPUs, by weights', 4.95, 4.98, 4.93, 0.665, 0.668),
  (3, 'the same, base weighs 4096', 1, 0.5, '3 vcpus on 2 CPUs, by weights', 3.35, 6.58, 6.62, 0.99, 0.503);
CREATE TEMP TABLE c AS -- case_no, of: the shape; alone: the guest, or NULL
  SELECT c AS case_no, c AS of, NULL AS alone, name FROM shape
  UNION ALL SELECT 4 + c * 3 + g, c, g, guest || ' alone: ' || name FROM shape, g;
CREATE TEMP TABLE cell AS
  SELECT value * 16 + case_no AS cell, value AS rep, case_no, of, alone
    FROM c, json_each('[0,1,2,3,4,5,6,7,8,9,10,11]');
CREATE TEMP TABLE job AS -- noise: 0 to 1, the same for each run
  SELECT *, (((cell + 1) * (g + 3) * 7919 + (cell + g) * (cell + 11) * 104729) % 997) / 997.0 AS noise,
         CASE WHEN alone = g THEN 3.29 ELSE CASE g WHEN 0 THEN t0 WHEN 1 THEN t1 ELSE t2 END END AS mean,
         CASE WHEN alone = g THEN 0.998 WHEN g = 0 THEN s0 ELSE s1 END AS share,
         CASE g WHEN 0 THEN promise0 ELSE promise1 END AS promise
    FROM cell JOIN shape ON shape.c = cell.of, g WHERE alone IS NULL OR alone = g;
CREATE TEMP TABLE timed AS
  SELECT *, CAST(1e9 * mean * (0.97 + 0.07 * noise * noise) * CASE g WHEN 0 THEN :factor ELSE 1 END AS INTEGER) AS wall FROM job;
CREATE TEMP TABLE lap AS SELECT cell, min(wall) AS overlap, max(wall) + 900000 AS span FROM timed GROUP BY cell;

INSERT INTO runs (run, name, file, experiment, state, cell_order, seed, repetitions, warmup, workload, xenbench, started_at, ended_at, trace)
  VALUES (:run, 'four cases', '/usr/share/xenbench/examples/four-cases.yaml', 'name: four cases' || char(10) || 'workload: x264' || char(10),
          'finished', 'interleaved', 996859, 12, 1, 'x264', '0.1.0', :day || 'T09:00:00Z', :day || 'T09:12:31Z', 1);
INSERT INTO host SELECT :run, key, value FROM (SELECT 'xen_version' AS key, '4.17.5' AS value UNION SELECT 'scheduler', 'credit2'
  UNION SELECT 'cpus', '4' UNION SELECT 'cpu_model', 'AMD EPYC 7R13' UNION SELECT 'governor', 'performance' UNION SELECT 'smt', 'off'
  UNION SELECT 'turbo', 'off' UNION SELECT 'dom0_kernel', '6.1.0-28-amd64' UNION SELECT 'toolstack', 'xl 4.17'
  UNION SELECT 'scheduler_granularity', 'cpu' UNION SELECT 'host_name', 'host'
  UNION SELECT 'xen_command_line', 'placeholder dom0_mem=2048M,max:2048M dom0_max_vcpus=2 ucode=scan smt=off sched=credit2 loglvl=all guest_loglvl=all');
INSERT INTO guests (run, guest, position, image, type, memory_bytes, vcpus, made, kernel, clocksource, net)
  SELECT :run, guest, g, 'debian', 'pv', 402653184, 1, 1, '6.1.0-28-amd64', 'xen', '["lo"]' FROM g;
INSERT INTO cases (run, case_no, name, settings, stopped) SELECT :run, case_no, name, '{}', 'count' FROM c;
INSERT INTO parts (run, case_no, guest, role, workload, solo_case, image, type)
  SELECT :run, case_no, guest, CASE WHEN alone IS NULL OR alone = g THEN 'measured' ELSE 'idle' END, 'x264',
         CASE WHEN alone IS NULL THEN 4 + of * 3 + g END, 'debian', 'pv' FROM c, g;
INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state, started_at, release_ns, window_ns, overlap_ns, release_error_ns, controller_wakeups)
  SELECT :run, cell, 1, case_no, rep, 0, 'done', :day || 'T09:00:00Z', 4921269659619 + cell * 8000000000, span, overlap, 21000 + (cell * 7919) % 38000, 3
    FROM cell JOIN lap USING (cell);
INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, wall_ns, dispatch_delay_ns, dom0_wall_ns, run_ns, overlap_run_ns, release_ns, opened_ns,
    ended_ns, user_ns, system_ns, steal_ns, idle_ns, clocksource, clocksource_before, agent_wakeups, collected, vcpus, overlap_slack_ns, run_slack_ns,
    offset_before_ns, offset_after_ns, fit_before_ns, fit_after_ns, start_run_ns)
  SELECT :run, cell, 1, guest, substr(:run, 1, 8) || printf('%012d%02d', cell, g), 'exited', 0, wall,
         CAST(25000 + 40000 * noise + CASE WHEN noise > 0.8 THEN 9e6 * (noise - 0.8) ELSE 0 END + CASE WHEN share < 0.7 THEN 2.5e6 * noise * noise ELSE 0 END AS INTEGER),
         wall + 400000, CAST(wall * share AS INTEGER), CAST(overlap * share * (0.992 + 0.012 * noise) AS INTEGER),
         4921269659619 + cell * 8000000000, 4921269659619 + cell * 8000000000 + 35000, 4921269659619 + cell * 8000000000 + wall,
         CAST(wall * share * 0.97 AS INTEGER), CAST(wall * share * 0.02 AS INTEGER), CAST(wall * (1 - share) AS INTEGER), 0, 'xen', 'xen', 1, 1, 1, 70000000, 70000000,
         0, 0, 9000, 9000, 1000000000
    FROM timed JOIN lap USING (cell);
INSERT INTO promises SELECT :run, cell, 1, guest, CASE WHEN alone IS NULL THEN promise ELSE 1 END,
    CASE WHEN alone IS NULL THEN how ELSE 'a CPU for each vcpu' END FROM job;
INSERT INTO settings_read SELECT :run, cell, 1, guest, edge, '{"hard":["' || CASE of WHEN 0 THEN 'all' WHEN 1 THEN g + 1 ELSE '2-3' END || '"]}', NULL
    FROM cell, g, (SELECT 'start' AS edge UNION SELECT 'end');
INSERT INTO dom0_probes SELECT :run, cell, 1, span, CASE WHEN rep IN (2, 5) AND of = 0 THEN span / 30 ELSE span / 900 END, span / 500, span / 900,
    rep IN (2, 5) AND of = 0 FROM cell JOIN lap USING (cell);
INSERT INTO vcpu_times (run, cell, attempt, domain, vcpu, run_ns, pcpu, span_ns, span_error_ns)
  SELECT :run, cell, 1, guest, 0, CAST(wall * share AS INTEGER), g + 1, span, 40000 FROM timed JOIN lap USING (cell)
  UNION ALL SELECT :run, cell, 1, 'Domain-0', v, span / 60, v, span, 40000 FROM lap, (SELECT 0 AS v UNION SELECT 1);
INSERT INTO counters SELECT :run, cell, 1, guest, 'cycles', NULL, NULL, 'no vPMU' FROM job WHERE alone IS NULL;
INSERT INTO warnings SELECT :run, case_no, cell, '', 'dom0-short', printf('cell %d: Dom0 was short of CPU: in 3.7%d s Xen kept its vcpus waiting for 0.12 s and tasks in it waited for a vcpu for 0.31 s', cell + 1, rep)
    FROM cell WHERE rep IN (2, 5) AND of = 0;
INSERT INTO warnings VALUES (:run, 2, 34, '', 'release-error', 'cell 35, attempt 1: the guests'' clocks agree to 1.224 ms only, 1.000 ms are allowed; the cell is repeated');
INSERT INTO warnings VALUES (:run, 0, -1, '', 'note-dom0-shares', 'Dom0 may run on the guests'' CPUs: what it does for one guest takes time from another'),
  (:run, 3, -1, 'base', 'note-runqueues', 'base weighs 4096: credit2 divides the CPUs of a runqueue by weight, and cores 2 and 3 are in one');

-- How long frames took, some 200 or 300 in each job, more of them late where the guests take turns.
CREATE TEMP TABLE frame AS WITH RECURSIVE k(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < 30)
  SELECT cell, guest, round(5 * pow(1.15, k), 1) AS value,
         CAST(70 / (1 + (k - 7) * (k - 7)) + CASE WHEN share < 0.7 THEN 40 / (1 + (k - 15) * (k - 15)) ELSE 0 END + (k < 22) * noise + 0.4 AS INTEGER) AS count
    FROM job, k WHERE alone IS NULL;
INSERT INTO histograms (run, cell, attempt, guest, name, unit, better, over, least, most)
  SELECT :run, cell, 1, guest, 'frame', 'ms', 'less', 0, min(value) - 0.3, max(value) + 0.2 FROM frame WHERE count > 0 GROUP BY cell, guest;
INSERT INTO histogram_buckets SELECT :run, cell, 1, guest, 'frame', value, count FROM frame WHERE count > 0;

INSERT INTO traces SELECT :run, cell, 1, span, span, 400000, 23000 + cell * 17, 0, 0, 0, 3, 1500 FROM lap JOIN cell USING (cell) WHERE alone IS NULL;
CREATE TEMP TABLE v AS -- the vcpus in the traces, and the part of the window for which each had each CPU
  SELECT cell, guest AS domain, 0 AS vcpu, p.value AS pcpu,
         wall * share * CASE of WHEN 0 THEN CASE WHEN (g + 1) % 4 = p.value THEN 0.7 ELSE 0.1 END WHEN 1 THEN p.value = g + 1
           ELSE CASE p.value WHEN 2 THEN 0.45 + 0.1 * (g = 1) WHEN 3 THEN 0.55 - 0.1 * (g = 1) ELSE 0 END END AS ns
    FROM timed, json_each('[0,1,2,3]') p WHERE alone IS NULL
  UNION ALL SELECT cell, 'Domain-0', d.value, CASE WHEN of = 0 THEN p.value ELSE 0 END, span / 60.0 / CASE WHEN of = 0 THEN 4 ELSE 1 END
    FROM cell JOIN lap USING (cell), json_each('[0,1]') d, json_each('[0,1,2,3]') p WHERE alone IS NULL AND (of = 0 OR p.value = 0);
INSERT INTO trace_vcpus (run, cell, attempt, domain, vcpu, running_ns, runnable_ns, blocked_ns, offline_ns, unknown_ns, wakes, preemptions, moves, xen_run_ns, same_run_ns)
  SELECT :run, cell, 1, domain, vcpu, CAST(sum(ns) AS INTEGER), CAST((lap.span - sum(ns)) / 3 AS INTEGER), 0, 0, 0, 2000, 900, 40, NULL, NULL
    FROM v JOIN lap USING (cell) GROUP BY cell, domain, vcpu;
INSERT INTO trace_residency SELECT :run, cell, 1, domain, vcpu, pcpu, CAST(ns AS INTEGER) FROM v WHERE ns >= 1;
INSERT INTO trace_waits SELECT :run, cell, 1, domain, vcpu, k.value, CASE k.value WHEN 'wake' THEN 2000 ELSE 2900 END, 60000, 1100,
    CASE WHEN domain = 'Domain-0' THEN 9000 WHEN cell % 16 = 3 AND domain <> 'base' THEN 2100000 ELSE 14000 END,
    CASE WHEN domain = 'Domain-0' THEN 31000 WHEN cell % 16 = 3 AND domain <> 'base' THEN 8200000 ELSE 95000 END,
    CASE WHEN domain = 'Domain-0' THEN 240000 WHEN cell % 16 >= 2 THEN 9900000 ELSE 610000 END,
    CASE WHEN domain = 'Domain-0' THEN 900000 WHEN cell % 16 >= 2 THEN 10400000 ELSE 2200000 END, 21000000
    FROM trace_vcpus, json_each('["wake","all"]') k WHERE run = :run;
INSERT INTO trace_classes SELECT :run, cell, 1, domain, vcpu, k.value, 1 << x.value,
    CAST(1 + CASE k.value WHEN 'wake' THEN 700 ELSE 800 END / (1 + abs(x.value - 14)) + CASE WHEN k.value = 'all' AND cell % 16 >= 2 THEN 1600 / (1 + 3 * abs(x.value - 22)) ELSE 0 END AS INTEGER)
    FROM trace_vcpus, json_each('["wake","all"]') k, json_each('[10,11,12,13,14,15,16,17,18,19,20,21,22,23]') x WHERE run = :run;
-- Three guests on two CPUs take turns; the heavy one keeps its CPU.
CREATE TEMP TABLE part AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 119) SELECT i FROM n;
UPDATE trace_vcpus SET timeline = (SELECT group_concat(word, ' ') FROM (SELECT CASE
    WHEN domain = 'Domain-0' THEN CASE WHEN i % 17 = vcpu THEN '0:12' ELSE '-' END
    WHEN i * span > 120 * wall THEN '-'
    WHEN c.of = 0 THEN ((i / 37 + g + 1) % 4) || ':' || (90 + i % 3)
    WHEN c.of = 1 THEN (g + 1) || ':100'
    WHEN c.of = 2 THEN CASE (i / 5 + g) % 3 WHEN 2 THEN '-' ELSE (2 + (i / 5 + g) % 3) || ':100' END
    WHEN g = 0 THEN '2:99'
    WHEN (i / 4) % 2 = g - 1 THEN '-' ELSE '3:100' END AS word
  FROM part LEFT JOIN timed ON timed.cell = trace_vcpus.cell AND timed.guest = trace_vcpus.domain JOIN cell c ON c.cell = trace_vcpus.cell
  JOIN lap ON lap.cell = trace_vcpus.cell ORDER BY i)) WHERE run = :run;
