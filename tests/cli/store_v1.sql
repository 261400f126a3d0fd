-- SPDX-License-Identifier: GPL-3.0-or-later
-- A store of version 1 as sqlite3's .dump wrote it: a run that was finished and one that was cut off by SIGKILL.
PRAGMA application_id = 2019714414;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE runs (
  run           TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  file          TEXT NOT NULL,
  experiment    TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('unfinished', 'finished', 'abandoned')),
  cell_order    TEXT NOT NULL,
  seed          INTEGER NOT NULL,
  repetitions   INTEGER NOT NULL,
  warmup        INTEGER NOT NULL,
  workload      TEXT NOT NULL,
  metric        TEXT,
  unit          TEXT,
  better        TEXT,
  xenbench      TEXT NOT NULL,
  started_at    TEXT NOT NULL,
  ended_at      TEXT,
  resumed       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO runs VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac','cut off','f.yaml',replace('name: cut off\nworkload:\n  command: "sleep 0.4; echo ops=12.5"\n  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}\nguests:\n  one: {socket: /tmp/xb-v1/one}\n  two: {socket: /tmp/xb-v1/two}\ncases:\n  - name: first\n  - name: second\nrepetitions: 2\nwarmup: 1\ntimeout: 30s\n','\n',char(10)),'unfinished','interleaved',231080,2,1,'command','ops','1/s','more','0.1.0','2026-11-25T02:37:36Z',NULL,0);
INSERT INTO runs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb','an old run','e.yaml',replace('name: an old run\nworkload:\n  command: "sleep 0.05; echo ops=12.5"\n  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}\nguests:\n  one: {socket: /tmp/xb-v1/one}\n  two: {socket: /tmp/xb-v1/two}\ncases:\n  - name: first\n  - name: second\nrepetitions: 2\nwarmup: 1\ntimeout: 30s\n','\n',char(10)),'finished','interleaved',920218,2,1,'command','ops','1/s','more','0.1.0','2026-11-25T02:37:34Z','2026-11-25T02:37:36Z',0);
CREATE TABLE host (
  run    TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
INSERT INTO host VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac','cpu_model','AMD EPYC');
INSERT INTO host VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac','dom0_kernel','6.1.0-18-amd64');
INSERT INTO host VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb','cpu_model','AMD EPYC');
INSERT INTO host VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb','dom0_kernel','6.1.0-18-amd64');
CREATE TABLE guests (
  run            TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  guest          TEXT NOT NULL,
  position       INTEGER NOT NULL,
  socket         TEXT,
  image          TEXT,
  type           TEXT,
  memory_bytes   INTEGER,
  vcpus          INTEGER,
  made           INTEGER NOT NULL DEFAULT 0,
  started        INTEGER NOT NULL DEFAULT 0,
  uuid           TEXT,
  baseline       TEXT,
  agent          TEXT,
  boot_id        TEXT,
  kernel         TEXT,
  os             TEXT,
  clocksource    TEXT,
  net            TEXT,
  settled        INTEGER,
  PRIMARY KEY (run, guest)
) STRICT, WITHOUT ROWID;
INSERT INTO guests VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac','one',0,'/tmp/xb-v1/one',NULL,NULL,25276026880,2,0,0,NULL,NULL,'0.1.0','bb4915d2-6e4e-4e24-9705-512445c77f7c','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','kvm-clock','["eth0","ifb0","ifb1","lo"]',1);
INSERT INTO guests VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac','two',1,'/tmp/xb-v1/two',NULL,NULL,25276026880,2,0,0,NULL,NULL,'0.1.0','bb4915d2-6e4e-4e24-9705-512445c77f7c','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','kvm-clock','["eth0","ifb0","ifb1","lo"]',1);
INSERT INTO guests VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb','one',0,'/tmp/xb-v1/one',NULL,NULL,25276026880,2,0,0,NULL,NULL,'0.1.0','bb4915d2-6e4e-4e24-9705-512445c77f7c','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','kvm-clock','["eth0","ifb0","ifb1","lo"]',1);
INSERT INTO guests VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb','two',1,'/tmp/xb-v1/two',NULL,NULL,25276026880,2,0,0,NULL,NULL,'0.1.0','bb4915d2-6e4e-4e24-9705-512445c77f7c','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','kvm-clock','["eth0","ifb0","ifb1","lo"]',1);
CREATE TABLE cases (
  run       TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no   INTEGER NOT NULL,
  name      TEXT NOT NULL,
  settings  TEXT NOT NULL,
  PRIMARY KEY (run, case_no)
) STRICT, WITHOUT ROWID;
INSERT INTO cases VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,'first','{"dom0":{},"guests":{"one":{},"two":{}},"pools":{}}');
INSERT INTO cases VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',1,'second','{"dom0":{},"guests":{"one":{},"two":{}},"pools":{}}');
INSERT INTO cases VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,'first','{"dom0":{},"guests":{"one":{},"two":{}},"pools":{}}');
INSERT INTO cases VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,'second','{"dom0":{},"guests":{"one":{},"two":{}},"pools":{}}');
CREATE TABLE cells (
  run               TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  cell              INTEGER NOT NULL,
  attempt           INTEGER NOT NULL,
  case_no           INTEGER NOT NULL,
  repetition        INTEGER NOT NULL,
  warmup            INTEGER NOT NULL,
  state             TEXT NOT NULL CHECK (state IN ('planned', 'armed', 'released', 'ended', 'done', 'discarded')),
  why               TEXT,
  started_at        TEXT,
  release_ns        INTEGER,
  window_ns         INTEGER,
  overlap_ns        INTEGER,
  release_error_ns  INTEGER,
  controller_wakeups INTEGER,
  resumed           INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, cell, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,0,0,1,'done',NULL,'2026-11-25T02:37:36Z',1287899350949,590096416,516883984,12292,2,0);
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',1,1,1,0,1,'released',NULL,'2026-11-25T02:37:37Z',NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',2,1,0,0,0,'planned',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',3,1,1,0,0,'planned',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',4,1,0,1,0,'planned',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cells VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',5,1,1,1,0,'planned',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,0,0,1,'done',NULL,'2026-11-25T02:37:34Z',1285666064156,193528746,121079590,14869,2,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,1,0,1,'done',NULL,'2026-11-25T02:37:34Z',1285981353333,167532846,82555975,80387,2,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,0,0,0,'done',NULL,'2026-11-25T02:37:35Z',1286172696194,186466127,95455874,15079,2,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,1,0,0,'done',NULL,'2026-11-25T02:37:35Z',1286394829023,197040458,101870967,14948,2,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,0,1,0,'done',NULL,'2026-11-25T02:37:35Z',1286629980926,230250282,142304124,41994,2,0);
INSERT INTO cells VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,1,1,0,'done',NULL,'2026-11-25T02:37:35Z',1286990923032,205896790,142266162,63060,2,0);
CREATE TABLE samples (
  run                   TEXT NOT NULL,
  cell                  INTEGER NOT NULL,
  attempt               INTEGER NOT NULL,
  guest                 TEXT NOT NULL,
  token                 TEXT NOT NULL UNIQUE,
  outcome               TEXT,
  status                INTEGER,
  detail                TEXT,
  wall_ns               INTEGER,
  dispatch_delay_ns     INTEGER,
  dom0_wall_ns          INTEGER,
  run_ns                INTEGER,
  overlap_run_ns        INTEGER,
  release_ns            INTEGER,
  opened_ns             INTEGER,
  ended_ns              INTEGER,
  user_ns               INTEGER,
  system_ns             INTEGER,
  steal_ns              INTEGER,
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
  stdout_bytes          INTEGER,
  stderr_bytes          INTEGER,
  offset_before_ns      INTEGER,
  offset_after_ns       INTEGER,
  fit_before_ns         INTEGER,
  fit_after_ns          INTEGER,
  start_run_ns          INTEGER,
  collected             INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, cell, attempt, guest),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO samples VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'one','0662e31b-7c87-4655-af33-b80bc85e9fac/0.1/0','exited',0,NULL,528758198,76912836,529265603,NULL,NULL,1287899348429,1287976261265,1288428106627,18750000,0,0,0,1736704,166,0,8,5,0,0,'kvm-clock',1,0,0,9,0,-2520,-2399,12168,12459,NULL,1);
INSERT INTO samples VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'two','0662e31b-7c87-4655-af33-b80bc85e9fac/0.1/1','exited',0,NULL,516072725,122191,516883984,NULL,NULL,1287899348539,1287899470730,1288415421264,2432000,16512000,0,0,1662976,165,0,8,6,0,0,'kvm-clock',1,0,0,9,0,-2410,-2604,12098,12274,NULL,1);
INSERT INTO samples VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',1,1,'one','0662e31b-7c87-4655-af33-b80bc85e9fac/1.1/0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-2474,NULL,12274,NULL,NULL,0);
INSERT INTO samples VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',1,1,'two','0662e31b-7c87-4655-af33-b80bc85e9fac/1.1/1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-2529,NULL,12369,NULL,NULL,0);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/0.1/0','exited',0,NULL,120461040,111808,121079590,NULL,NULL,1285666061491,1285666173299,1285786522531,5681000,13747000,0,0,1720320,165,0,9,7,0,0,'kvm-clock',1,0,0,9,0,-2665,-2860,14588,14433,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/0.1/1','exited',0,NULL,132393244,3431472,132945533,NULL,NULL,1285666061345,1285669492817,1285798454589,11954000,7984000,0,0,1695744,161,0,8,9,0,0,'kvm-clock',1,0,0,9,0,-2811,-2785,14843,14388,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/1.1/0','exited',0,NULL,81938286,173864,82555975,NULL,NULL,1285981350398,1285981524262,1286063288684,15138000,4210000,0,0,1703936,165,0,9,6,0,0,'kvm-clock',1,0,0,9,0,-2935,-2825,14658,14367,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/1.1/1','exited',0,NULL,106077273,2829387,106640870,NULL,NULL,1285981329378,1285984158765,1286087406651,0,21783000,0,0,1703936,167,0,9,5,0,0,'kvm-clock',1,0,0,9,0,-23955,-2960,59392,14542,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/2.1/0','exited',0,NULL,124964462,3524928,125664271,NULL,NULL,1286172693545,1286176218473,1286297658007,10017000,10619000,0,0,1818624,167,0,8,10,0,0,'kvm-clock',1,0,0,9,0,-2649,-2965,14763,14949,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/2.1/1','exited',0,NULL,94893300,88223,95455874,NULL,NULL,1286172693449,1286172781672,1286267586749,8808000,11312000,0,0,1695744,162,0,8,7,0,0,'kvm-clock',1,0,0,9,0,-2745,-2850,14928,14382,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/3.1/0','exited',0,NULL,101357967,103000,101870967,NULL,NULL,1286394826078,1286394929078,1286496184045,4035000,17093000,0,0,1662976,164,0,8,10,0,0,'kvm-clock',1,0,0,9,0,-2945,-3336,14557,16542,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/3.1/1','exited',0,NULL,133490548,6580286,136293886,NULL,NULL,1286394826203,1286401406489,1286528316751,15719000,7594000,0,0,1720320,163,0,8,9,0,0,'kvm-clock',1,0,0,9,0,-2820,-3080,14633,15545,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/4.1/0','exited',0,NULL,166214709,2113052,169643995,NULL,NULL,1286629977880,1286632090932,1286796192589,4060000,16135000,0,0,1720320,162,0,8,9,0,0,'kvm-clock',1,0,0,9,0,-3046,24120,14828,47465,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/4.1/1','exited',0,NULL,139166453,59833461,142304124,NULL,NULL,1286629978166,1286689811627,1286769144619,12808000,8289000,0,0,1720320,161,0,8,7,0,0,'kvm-clock',1,0,0,9,0,-2760,-2399,15093,12258,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'one','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/5.1/0','exited',0,NULL,141398080,4645472,142266162,NULL,NULL,1286990896532,1286995542004,1287132294612,8715000,11015000,0,0,1597440,159,0,8,5,0,0,'kvm-clock',1,0,0,9,0,-26500,-2795,39355,14667,NULL,1);
INSERT INTO samples VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'two','fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb/5.1/1','exited',0,NULL,144867628,569758,145375493,NULL,NULL,1286990920552,1286991490310,1287135788180,10688000,11332000,0,0,1720320,164,0,8,5,0,0,'kvm-clock',1,0,0,9,0,-2480,-2815,12238,14427,NULL,1);
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
INSERT INTO metrics VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'two','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'one','ops',12.5,'1/s','more');
INSERT INTO metrics VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'two','ops',12.5,'1/s','more');
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
INSERT INTO outputs VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',0,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',0,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',1,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',2,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',3,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',4,1,'two','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'one','stdout',X'6f70733d31322e350a');
INSERT INTO outputs VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',5,1,'two','stdout',X'6f70733d31322e350a');
CREATE TABLE vcpu_times (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  run_ns   INTEGER NOT NULL,
  pcpu     INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, domain, vcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE settings_read (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  edge     TEXT NOT NULL CHECK (edge IN ('start', 'end')),
  settings TEXT NOT NULL,
  differs  TEXT,
  PRIMARY KEY (run, cell, attempt, domain, edge),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE host_steal (
  run       TEXT NOT NULL,
  cell      INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  pcpu      INTEGER NOT NULL,
  run_ns    INTEGER NOT NULL,
  delay_ns  INTEGER NOT NULL,
  span_ns   INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, pcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE warnings (
  run      TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no  INTEGER NOT NULL,
  cell     INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  code     TEXT NOT NULL,
  message  TEXT NOT NULL,
  PRIMARY KEY (run, case_no, cell, guest, code)
) STRICT, WITHOUT ROWID;
INSERT INTO warnings VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',-1,-1,'one','network','guest one has a network device (ifb1): traffic can disturb what is measured; guests made by xenbench have none');
INSERT INTO warnings VALUES('0662e31b-7c87-4655-af33-b80bc85e9fac',-1,-1,'two','network','guest two has a network device (ifb1): traffic can disturb what is measured; guests made by xenbench have none');
INSERT INTO warnings VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',-1,-1,'one','network','guest one has a network device (ifb1): traffic can disturb what is measured; guests made by xenbench have none');
INSERT INTO warnings VALUES('fb63e784-8a5e-4a04-ae29-bfb0f9e9acfb',-1,-1,'two','network','guest two has a network device (ifb1): traffic can disturb what is measured; guests made by xenbench have none');
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
COMMIT;
