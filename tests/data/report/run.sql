-- A store as sqlite3's .dump wrote it: one run, two cases of three guests, with a row in every table. The times, the outcomes and
-- the discarded attempt are of a real run; what only Xen can tell (run times, settings, steal, traces) was filled in by hand.
PRAGMA application_id = 2019714414;
PRAGMA user_version = 8;
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
, overrides TEXT NOT NULL DEFAULT '[]', until TEXT, compare TEXT NOT NULL DEFAULT '[]', imported INTEGER NOT NULL DEFAULT 0, trace INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO runs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','two tenants and a neighbour','/root/two.yaml',replace('name: two tenants and a neighbour\nguests:\n  one: {image: one, workload: {name: a, command: "sleep 0.2; echo work=$((90 + XENBENCH_REPETITION * 3))", metric: {name: work, pattern: "work=([0-9.]+)", unit: "units", better: more}}}\n  two: {image: two, workload: {name: b, command: "sleep 0.25; echo work=$((70 + XENBENCH_REPETITION * 2))", metric: {name: work, pattern: "work=([0-9.]+)", unit: "units", better: more}}}\n  three: {image: three, workload: {name: noise, command: "sleep 100"}, background: true}\ncases:\n  - {name: quiet, guests: {three: {idle: true}}}\n  - {name: "noisy <neighbour>"}\ncompare: {a: quiet, b: "noisy <neighbour>"}\nwarmup: 1\nrepetitions: 3\ntimeout: 30s\n','\n',char(10)),'finished','interleaved',996859,3,1,'a, b, noise','work','units','more','0.1.0','2026-11-01T10:00:00Z','2026-11-01T10:00:31Z',1,'["repetitions=3"]',NULL,'[{"a":0,"b":1}]',0,1);
CREATE TABLE host (
  run    TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','cpu_microcode','0x1000065');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','cpu_model','AMD EPYC 7R13');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','cpus','4');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','dom0_kernel','6.1.0-18-amd64');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','governor','performance');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','host_name','lab');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','lab_cpus','4');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','lab_host_cpus','2');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','pool_Pool-0','credit2 0-3');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','scheduler','credit2');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','scheduler_granularity','cpu');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','scheduler_granularity_from','hypfs');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','smt','off');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','toolstack','xl 4.17');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','turbo','on');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','xen_command_line','dom0_mem=1024M dom0_max_vcpus=2 loglvl=all');
INSERT INTO host VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','xen_version','4.17.3');
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
  settled        INTEGER, image_sha256 TEXT, recipe_sha256 TEXT, agent_sha256 TEXT, kernel_sha256 TEXT, initrd_sha256 TEXT, disk_sha256 TEXT,
  PRIMARY KEY (run, guest)
) STRICT, WITHOUT ROWID;
INSERT INTO guests VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','one',0,NULL,'debian','pvh',536870912,2,1,0,'5f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0','{"hard":["all"],"weight":256,"cap":0}','0.1.0','0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','xen','["lo"]',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO guests VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','three',2,NULL,'debian','pvh',536870912,2,1,0,'5f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f2','{"hard":["all"],"weight":256,"cap":0}','0.1.0','0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f2','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','xen','["eth0","lo"]',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO guests VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a','two',1,NULL,'micro','pvh',536870912,1,1,0,'5f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1','{"hard":["all"],"weight":256,"cap":0}','0.1.0','0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1','6.1.0-18-amd64','Debian GNU/Linux 12 (bookworm)','xen','["lo"]',1,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE cases (
  run       TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no   INTEGER NOT NULL,
  name      TEXT NOT NULL,
  settings  TEXT NOT NULL, stopped TEXT CHECK (stopped IN ('count', 'sure', 'max', 'time')), stopped_why TEXT,
  PRIMARY KEY (run, case_no)
) STRICT, WITHOUT ROWID;
INSERT INTO cases VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,'quiet','{"dom0":{},"guests":{"one":{},"two":{},"three":{}},"pools":{},"parts":{"one":{"role":"measured","workload":"a"},"two":{"role":"measured","workload":"b"},"three":{"role":"idle"}}}','count',NULL);
INSERT INTO cases VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,'noisy <neighbour>','{"dom0":{},"guests":{"one":{},"two":{},"three":{}},"pools":{},"parts":{"one":{"role":"measured","workload":"a"},"two":{"role":"measured","workload":"b"},"three":{"role":"background","workload":"noise"}}}','sure','the interval of one is within 5 %');
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
  resumed           INTEGER NOT NULL DEFAULT 0, spent_ns INTEGER,
  PRIMARY KEY (run, cell, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,0,0,1,'done',NULL,'2026-11-29T09:36:54Z',4921269659619,319069529,203952339,9053,2,0,388263831);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,1,0,1,'done',NULL,'2026-11-29T09:36:55Z',4922122443296,330592010,206814979,10049,2,0,845213732);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,1,0,0,'done',NULL,'2026-11-29T09:36:55Z',4922968811971,319385340,215960449,13229,2,0,840595228);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,0,0,0,'done',NULL,'2026-11-29T09:36:56Z',4923330583018,321356159,203285435,14042,2,0,336636910);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,0,1,0,'done',NULL,'2026-11-29T09:36:57Z',4923695609731,325416355,207643535,8557,2,0,359099793);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,1,1,0,'discarded','guests were released too far apart','2026-11-29T09:36:57Z',4924566552733,321247577,205320710,16184,2,0,870638968);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,1,1,0,'done',NULL,'2026-11-29T09:36:57Z',4924566552733,321247577,205320710,16184,2,0,870638968);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,1,2,0,'done',NULL,'2026-11-29T09:36:58Z',4925436421456,329365235,216079717,15189,2,0,884023130);
INSERT INTO cells VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,0,2,0,'done',NULL,'2026-11-29T09:36:59Z',4925796080724,333962601,232288612,16477,2,0,343296883);
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
  collected             INTEGER NOT NULL DEFAULT 0, clocksource_before TEXT, vcpus INTEGER, overlap_slack_ns INTEGER, run_slack_ns INTEGER,
  PRIMARY KEY (run, cell, attempt, guest),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','0000000000000000000000000000000d','exited',0,NULL,203584721,35029,203952339,195441332,195441332,4921269658713,4921269693742,4921473243434,2463000,803000,29083531,0,6025216,317,1,10,2,0,0,'xen',1,0,0,8,0,-906,-455,6105,16024,1000000000,1,'tsc',NULL,350000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','00000000000000000000000000000010','exited',0,NULL,252788438,25855,253135145,139033640,112173786,4921269658798,4921269684653,4921522447236,2510000,809000,36112634,0,5963776,320,0,8,2,0,0,'xen',1,0,0,8,0,-821,-1146,6079,5945,1000000000,1,'tsc',1,350000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','00000000000000000000000000000071','exited',0,NULL,206407325,45529,206814979,198151032,198151032,4922122443177,4922122488706,4922328850502,823000,2669000,25800915,0,6053888,313,0,8,2,0,0,'xen',1,0,0,8,0,-119,-1202,15699,6309,1000000001,1,'tsc',NULL,351000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','00000000000000000000000000000077','killed',9,NULL,834551214,39519,NULL,333820485,82725991,4921556425880,4921556465399,4922390977094,2309000,0,104318901,0,5918720,242,0,4,1,0,0,'xen',2,0,0,0,0,-891,NULL,6230,NULL,1000000001,1,'tsc',NULL,351000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','00000000000000000000000000000074','exited',0,NULL,264239017,35685,264607071,147973849,113748238,4922122442410,4922122478095,4922386681427,915000,2540000,33029877,0,6033408,315,0,8,3,0,0,'xen',1,0,0,8,0,-886,-1161,6204,6220,1000000001,1,'tsc',1,351000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','000000000000000000000000000000d5','exited',0,NULL,215621889,3249488,215960449,206997013,206997013,4922968810834,4922972060322,4923184432723,3443000,0,23957987,0,6082560,312,0,8,3,0,0,'xen',1,0,0,8,0,-1137,-1161,6024,5859,1000000002,1,'tsc',NULL,352000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','000000000000000000000000000000db','killed',9,NULL,823067165,52348,NULL,329226866,86384179,4922402601151,4922402653499,4923225668316,0,2344000,91451907,0,6033408,240,0,3,2,0,0,'xen',2,0,0,0,0,-1131,NULL,5980,NULL,1000000002,1,'tsc',NULL,352000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','000000000000000000000000000000d8','exited',0,NULL,253026957,21533,253372899,144225365,118778246,4922968811060,4922968832593,4923221838017,3536000,0,28114106,0,5931008,316,0,8,2,0,0,'xen',1,0,0,8,0,-911,-301,6330,15749,1000000002,1,'tsc',1,352000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','00000000000000000000000000000139','exited',0,NULL,202926348,36110,203285435,194809294,194809294,4923330581907,4923330618017,4923533508255,848000,2604000,20292634,0,6123520,316,0,8,3,0,0,'xen',1,0,0,8,0,-1111,-906,5979,6035,1000000003,1,'tsc',NULL,353000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','0000000000000000000000000000013c','exited',0,NULL,255125384,27323,255474724,147972722,111806989,4923330582817,4923330610140,4923585708201,3226000,0,25512538,0,6103040,312,0,8,2,0,0,'xen',1,0,0,8,0,-201,-1126,16039,5814,1000000003,1,'tsc',1,353000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','0000000000000000000000000000019d','exited',0,NULL,207292311,4426318,207643535,199000618,199000618,4923695608880,4923700035198,4923902901191,3523000,0,18844755,0,6029312,314,0,9,2,0,0,'xen',1,0,0,8,0,-851,-1176,5929,5994,1000000004,1,'tsc',NULL,354000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','000000000000000000000000000001a0','exited',0,NULL,256762955,29399,259427069,151490143,114203944,4923695608645,4923695638044,4923952371600,833000,2900000,23342086,0,6004736,315,0,9,2,0,0,'xen',1,0,0,8,0,-1086,-181,5674,16159,1000000004,1,'tsc',1,60000000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'one','00000000000000000000000000000201','exited',0,NULL,204970747,1490399,205320710,196771917,196771917,4924566551812,4924568042211,4924771522559,3533000,0,17080895,0,6205440,318,0,8,2,0,0,'xen',1,0,0,8,0,-921,-1232,6270,6019,1000000005,1,'tsc',NULL,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'three','00000000000000000000000000000207','killed',9,NULL,824968972,46920,NULL,329987588,82128284,4924000365077,4924000411997,4924825334049,0,2379000,68747414,0,6098944,241,0,3,1,0,0,'xen',2,0,0,0,0,-1101,NULL,5819,NULL,1000000005,1,'tsc',NULL,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'two','00000000000000000000000000000204','exited',0,NULL,254921719,39300,255244310,152953031,112926390,4924566552297,4924566591597,4924821474016,3602000,0,21243476,0,6049792,317,0,8,2,0,0,'xen',1,0,0,8,0,-436,5557,15674,10431,1000000005,1,'tsc',1,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','0000000000000000000000000000020b','exited',0,NULL,204970747,1490399,205320710,196771917,196771917,4924566551812,4924568042211,4924771522559,3533000,0,17080895,0,6205440,318,0,8,2,0,0,'xen',1,0,0,8,0,-921,-1232,6270,6019,1000000005,1,'tsc',NULL,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three','00000000000000000000000000000211','killed',9,NULL,824968972,46920,NULL,329987588,82128284,4924000365077,4924000411997,4924825334049,0,2379000,68747414,0,6098944,241,0,3,1,0,0,'xen',2,0,0,0,0,-1101,NULL,5819,NULL,1000000005,1,'tsc',NULL,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','0000000000000000000000000000020e','exited',0,NULL,254921719,39300,255244310,152953031,112926390,4924566552297,4924566591597,4924821474016,3602000,0,21243476,0,6049792,317,0,8,2,0,0,'xen',1,0,0,8,0,-436,5557,15674,10431,1000000005,1,'tsc',1,355000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','00000000000000000000000000000265','exited',0,NULL,215731062,1795740,216079717,207101819,207101819,4925436425032,4925438220772,4925652156094,3475000,0,16594697,0,6107136,317,0,8,2,0,0,'xen',1,0,0,8,0,3576,7952,11863,12454,1000000006,1,'tsc',NULL,356000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','0000000000000000000000000000026b','killed',9,NULL,833177614,50405,NULL,333271045,86431886,4924870170236,4924870220641,4925703347850,2260000,0,64090585,0,6168576,240,0,3,2,0,0,'xen',2,0,0,0,0,-159,NULL,15518,NULL,1000000006,1,'tsc',NULL,356000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','00000000000000000000000000000268','exited',0,NULL,262849169,27894,263216691,160337993,118843844,4925436420389,4925436448283,4925699269558,3520000,0,20219166,0,6086656,316,0,8,3,0,0,'xen',1,0,0,8,0,-1067,-1161,5844,5970,1000000006,1,'tsc',1,356000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','000000000000000000000000000002c9','exited',0,NULL,231964459,3956217,232288612,222685880,222685880,4925796081641,4925800037858,4926028046100,3741000,0,16568889,0,6262784,320,0,8,2,0,0,'xen',1,0,0,8,0,917,-189,16425,15569,1000000007,1,'tsc',NULL,357000,400000);
INSERT INTO samples VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','000000000000000000000000000002cc','timeout',0,'after 30 s',267787292,22034,268149779,166028121,127758736,4925796079788,4925796101822,4926063867080,3468000,0,19127663,0,6242304,322,0,7,2,0,0,'xen',1,0,0,8,0,-936,-1146,6235,5854,1000000007,1,'tsc',1,357000,400000);
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
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','work',90.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','work',70.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','work',93.249999999999999998,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','work',68.499999999999999999,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','work',96.499999999999999996,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','work',67.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','work',99.750000000000000003,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','work',65.500000000000000001,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','work',103.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','work',64.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','work',106.25,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','work',62.5,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','work',109.5,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','work',61.0,'units','more');
INSERT INTO metrics VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','work',112.75,'units','more');
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
INSERT INTO outputs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','stdout',X'776f726b3d39300a');
INSERT INTO outputs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','stdout',X'776f726b3d37300a');
INSERT INTO outputs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','stdout',X'776f726b3d39300a');
INSERT INTO outputs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','stdout',X'776f726b3d37300a');
INSERT INTO outputs VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','stderr',X'1b5b316d626f6c640a');
CREATE TABLE vcpu_times (
  run      TEXT NOT NULL,
  cell     INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  domain   TEXT NOT NULL,
  vcpu     INTEGER NOT NULL,
  run_ns   INTEGER NOT NULL,
  pcpu     INTEGER NOT NULL, span_ns INTEGER, span_error_ns INTEGER,
  PRIMARY KEY (run, cell, attempt, domain, vcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'Domain-0',0,22334867,0,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'Domain-0',1,22335867,1,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one',0,287162576,0,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one',1,287163576,1,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'three',0,105292944,0,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'three',1,105293944,1,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two',0,165916155,0,319769529,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'Domain-0',0,23141441,0,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'Domain-0',1,23142441,1,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one',0,297532810,0,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one',1,297533810,1,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three',0,109095364,0,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three',1,109096364,1,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two',0,171907846,0,331292010,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,22356975,0,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',1,22357975,1,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,287446808,0,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,287447808,1,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three',0,105397164,0,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three',1,105398164,1,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,166080378,0,NULL,NULL);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,22494934,0,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',1,22495934,1,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,289220546,0,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,289221546,1,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'three',0,106047535,0,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'three',1,106048535,1,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,167105205,0,322056159,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,22779148,0,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',1,22780148,1,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,292874723,0,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,292875723,1,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'three',0,107387401,0,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'three',1,107388401,1,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,169216508,0,326116355,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'Domain-0',0,22487335,0,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'Domain-0',1,22488335,1,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one',0,289122824,0,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one',1,289123824,1,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three',0,106011705,0,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three',1,106012705,1,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two',0,167048745,0,321947577,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'Domain-0',0,23055572,0,330065235,90000000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'Domain-0',1,23056572,1,330065235,90000000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one',0,296428717,0,330065235,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one',1,296429717,1,330065235,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three',0,108690533,0,330065235,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three',1,108691533,1,330065235,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two',0,171269928,0,330065235,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'Domain-0',0,23377389,0,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'Domain-0',1,23378389,1,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one',0,300566347,0,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one',1,300567347,1,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'three',0,110207665,0,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'three',1,110208665,1,334662601,300000);
INSERT INTO vcpu_times VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two',0,173660559,0,334662601,300000);
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
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}','weight is 512 and not 256');
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'Domain-0','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'Domain-0','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','end','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','start','{"hard":["0-1"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'three','end','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'three','start','{"hard":["all"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','end','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
INSERT INTO settings_read VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','start','{"hard":["2-3"],"weight":256,"cap":0}',NULL);
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
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,0,255255623,0,319069529);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,1,255255623,6381390,319069529);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,2,255255623,12762781,319069529);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,3,255255623,19144171,319069529);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,0,264473608,0,330592010);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,1,264473608,6611840,330592010);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,2,264473608,13223680,330592010);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,3,264473608,19835520,330592010);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,0,255508272,0,319385340);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,1,255508272,6387706,319385340);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,2,255508272,12775413,319385340);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,3,255508272,19163120,319385340);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,0,260333084,0,325416355);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,1,260333084,6508327,325416355);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,2,260333084,13016654,325416355);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,3,260333084,19524981,325416355);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,0,256998061,0,321247577);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,1,256998061,6424951,321247577);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,2,256998061,12849903,321247577);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,3,256998061,19274854,321247577);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,0,263492188,0,329365235);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,1,263492188,6587304,329365235);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,2,263492188,13174609,329365235);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,3,263492188,19761914,329365235);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,0,267170080,0,333962601);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,1,267170080,6679252,333962601);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,2,267170080,13358504,333962601);
INSERT INTO host_steal VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,3,267170080,20037756,333962601);
CREATE TABLE warnings (
  run      TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  case_no  INTEGER NOT NULL,
  cell     INTEGER NOT NULL,
  guest    TEXT NOT NULL,
  code     TEXT NOT NULL,
  message  TEXT NOT NULL,
  PRIMARY KEY (run, case_no, cell, guest, code)
) STRICT, WITHOUT ROWID;
INSERT INTO warnings VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,-1,'','note-tsc','the guests take their time from the TSC');
INSERT INTO warnings VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,4,'two','settings','two: at the end of the window weight is 512 and not 256');
INSERT INTO warnings VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,-1,'','note-tsc','the guests take their time from the TSC');
INSERT INTO warnings VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,-1,'three','network','guest three has a network device (eth0): traffic can disturb what is measured');
CREATE TABLE parts (
  run       TEXT NOT NULL,
  case_no   INTEGER NOT NULL,
  guest     TEXT NOT NULL,
  role      TEXT NOT NULL CHECK (role IN ('measured', 'background', 'idle')),
  workload  TEXT,
  metric    TEXT,
  unit      TEXT,
  better    TEXT CHECK (better IN ('more', 'less')), solo_case INTEGER, image TEXT, type TEXT, kernel TEXT, image_sha256 TEXT,
  PRIMARY KEY (run, case_no, guest),
  FOREIGN KEY (run, case_no) REFERENCES cases ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,'one','measured','a','work','units','more',NULL,'debian','pvh','6.1.0-18-amd64',NULL);
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,'three','idle',NULL,NULL,'','less',NULL,'debian','pvh','6.1.0-18-amd64',NULL);
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,'two','measured','b','work','units','more',NULL,'micro','pvh','6.1.0-18-amd64',NULL);
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,'one','measured','a','work','units','more',NULL,'debian','pvh','6.1.0-18-amd64',NULL);
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,'three','background','noise',NULL,'','less',NULL,'debian','pvh','6.1.0-18-amd64',NULL);
INSERT INTO parts VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,'two','measured','b','work','units','more',NULL,'micro','pv','6.1.0-18-amd64',NULL);
CREATE TABLE promises (
  run       TEXT NOT NULL,
  cell      INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  guest     TEXT NOT NULL,
  cpus      REAL,
  how       TEXT NOT NULL,
  PRIMARY KEY (run, cell, attempt, guest),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three',NULL,'its vcpus are in two pools');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three',NULL,'its vcpus are in two pools');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'three',NULL,'its vcpus are in two pools');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'three',NULL,'its vcpus are in two pools');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three',NULL,'its vcpus are in two pools');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
INSERT INTO promises VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two',0.92857142857142860314,'3 vcpus on 2 CPUs, by weights');
CREATE TABLE dom0_probes (
  run          TEXT NOT NULL,
  cell         INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  span_ns      INTEGER NOT NULL,
  steal_ns     INTEGER,
  pressure_ns  INTEGER,
  delay_ns     INTEGER,
  short        INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,321069529,26589127,15953476,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,332592010,25430154,15742476,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,321385340,22813238,14517515,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,323356159,21423743,13972006,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,327416355,20338522,13559014,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,323247577,18896916,12849903,12345,0);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,331365235,18298068,12667893,12345,1);
INSERT INTO dom0_probes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,335962601,17576979,12368985,12345,0);
CREATE TABLE counters (
  run        TEXT NOT NULL,
  cell       INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  guest      TEXT NOT NULL,
  name       TEXT NOT NULL,
  value      INTEGER,
  part       REAL,
  why        TEXT,
  PRIMARY KEY (run, cell, attempt, guest, name),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','cycles',6000000,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'one','instructions',12000000,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','cycles',6000000,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',0,1,'two','instructions',12000000,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','cycles',6000777,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'one','instructions',12000777,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','cycles',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'three','instructions',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','cycles',6000777,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',1,1,'two','instructions',12000777,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','cycles',6001554,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one','instructions',12001554,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','cycles',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'three','instructions',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','cycles',6001554,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two','instructions',12001554,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','cycles',6002331,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one','instructions',12002331,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','cycles',6002331,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two','instructions',12002331,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','cycles',6003108,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one','instructions',12003108,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','cycles',6003108,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two','instructions',12003108,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'one','cycles',6003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'one','instructions',12003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'three','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'three','cycles',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'three','instructions',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'two','cycles',6003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,1,'two','instructions',12003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','cycles',6003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'one','instructions',12003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','cycles',6003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',5,2,'two','instructions',12003885,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','cycles',6004662,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'one','instructions',12004662,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','cycles',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'three','instructions',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','cycles',6004662,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',6,1,'two','instructions',12004662,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','cycles',6005439,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'one','instructions',12005439,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','cache-misses',NULL,NULL,'no vPMU');
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','cycles',6005439,1.0,NULL);
INSERT INTO counters VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',7,1,'two','instructions',12005439,1.0,NULL);
CREATE TABLE traces (
  run             TEXT NOT NULL,
  cell            INTEGER NOT NULL,
  attempt         INTEGER NOT NULL,
  span_ns         INTEGER NOT NULL,
  covered_ns      INTEGER NOT NULL,
  bytes           INTEGER NOT NULL,
  records         INTEGER NOT NULL,
  lost            INTEGER NOT NULL,
  gaps            INTEGER NOT NULL,
  contradictions  INTEGER NOT NULL,
  wakeups         INTEGER NOT NULL,
  worst_ns        INTEGER,
  PRIMARY KEY (run, cell, attempt),
  FOREIGN KEY (run, cell, attempt) REFERENCES cells ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO traces VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,319385340,319384340,4096000,120002,0,0,0,3,1502);
INSERT INTO traces VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,321356159,321355159,4096000,120003,17,1,0,3,1503);
INSERT INTO traces VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,325416355,325415355,4096000,120004,0,0,0,3,1504);
CREATE TABLE trace_vcpus (
  run          TEXT NOT NULL,
  cell         INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  domain       TEXT NOT NULL,
  vcpu         INTEGER NOT NULL,
  running_ns   INTEGER NOT NULL,
  runnable_ns  INTEGER NOT NULL,
  blocked_ns   INTEGER NOT NULL,
  offline_ns   INTEGER NOT NULL,
  unknown_ns   INTEGER NOT NULL,
  wakes        INTEGER NOT NULL,
  preemptions  INTEGER NOT NULL,
  moves        INTEGER NOT NULL,
  xen_run_ns   INTEGER,
  same_run_ns  INTEGER,
  PRIMARY KEY (run, cell, attempt, domain, vcpu),
  FOREIGN KEY (run, cell, attempt) REFERENCES traces ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,21918533,6387686,290639749,0,0,902,30,12,22357902,22356903);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,3131219,3193843,312996653,0,0,902,30,12,3194842,3193843);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'idle',0,172217046,0,143722953,0,0,902,30,12,175662386,175661387);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'idle',1,172217046,0,143722953,0,0,902,31,12,175662386,175661387);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,281809711,9581530,22356903,0,0,902,30,12,287446905,287445906);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,281809711,9581530,22356903,0,0,902,31,12,287446905,287445906);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,162823389,130947579,22356903,0,0,902,30,12,166080855,166079856);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,21839671,6427103,292433194,0,0,903,30,12,22495860,22494861);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,3119953,3213551,314928055,0,0,903,30,12,3214550,3213551);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'idle',0,171597415,0,144609821,0,0,903,30,12,176746336,176745337);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'idle',1,171597415,0,144609821,0,0,903,31,12,176746336,176745337);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,280795770,9640654,22494861,0,0,903,30,12,289220642,289219643);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,280795770,9640654,22494861,0,0,903,31,12,289220642,289219643);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,162237556,131755615,22494861,0,0,903,30,12,167105681,167104682);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,21902956,6508307,296127973,0,0,904,30,12,22780073,22779074);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,3128993,3254153,318907047,0,0,904,30,12,3255152,3254153);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'idle',0,172094658,0,146436909,0,0,904,30,12,178979444,178978445);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'idle',1,172094658,0,146436909,0,0,904,31,12,178979444,178978445);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,281609441,9762460,22779074,0,0,904,30,12,292874818,292873819);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,281609441,9762460,22779074,0,0,904,31,12,292874818,292873819);
INSERT INTO trace_vcpus VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,162707677,133420295,22779074,0,0,904,30,12,169216983,169215984);
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
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,0,20384235);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,1,1534297);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,0,2912033);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,1,219185);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'idle',0,0,160161852);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'idle',1,1,160161852);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,0,262083031);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,1,19726679);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,1,262083031);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,2,19726679);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,0,151425751);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,1,11397637);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,0,20310894);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,1,1528776);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,0,2901556);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,1,218396);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'idle',0,0,159585595);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'idle',1,1,159585595);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,0,261140066);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,1,19655703);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,1,261140066);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,2,19655703);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,0,150880927);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,1,11356628);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,0,20369749);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,1,1533206);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,0,2909963);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,1,219029);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'idle',0,0,160048031);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'idle',1,1,160048031);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,0,261896780);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,1,19712660);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,1,261896780);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,2,19712660);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,0,151318139);
INSERT INTO trace_residency VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,1,11389537);
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
  p50_ns   INTEGER NOT NULL,
  p90_ns   INTEGER NOT NULL,
  p99_ns   INTEGER NOT NULL,
  p999_ns  INTEGER NOT NULL,
  max_ns   INTEGER NOT NULL,
  PRIMARY KEY (run, cell, attempt, domain, vcpu, kind),
  FOREIGN KEY (run, cell, attempt, domain, vcpu) REFERENCES trace_vcpus ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'all',1002,40000,500,20002,60002,200008,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'wake',1002,40000,500,20002,60002,200008,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'all',1002,40000,500,20002,60002,200008,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'wake',1002,40000,500,20002,60002,200008,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'all',1002,40000,500,20002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'wake',1002,40000,500,20002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'all',1002,40000,500,21002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'wake',1002,40000,500,21002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'all',1002,40000,500,20002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'wake',1002,40000,500,20002,60002,200003,900000,5000002);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'all',1003,40000,500,20003,60003,200008,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'wake',1003,40000,500,20003,60003,200008,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'all',1003,40000,500,20003,60003,200008,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'wake',1003,40000,500,20003,60003,200008,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'all',1003,40000,500,20003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'wake',1003,40000,500,20003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'all',1003,40000,500,21003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'wake',1003,40000,500,21003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'all',1003,40000,500,20003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'wake',1003,40000,500,20003,60003,200003,900000,5000003);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'all',1004,40000,500,20004,60004,200008,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'wake',1004,40000,500,20004,60004,200008,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'all',1004,40000,500,20004,60004,200008,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'wake',1004,40000,500,20004,60004,200008,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'all',1004,40000,500,20004,60004,200003,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'wake',1004,40000,500,20004,60004,200003,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'all',1004,40000,500,21004,60004,200003,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'wake',1004,40000,500,21004,60004,200003,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'all',1004,40000,500,20004,60004,200003,900000,5000004);
INSERT INTO trace_waits VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'wake',1004,40000,500,20004,60004,200003,900000,5000004);
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
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'all',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'all',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'all',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'wake',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'wake',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'Domain-0',0,'wake',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'all',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'all',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'all',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'wake',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'wake',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'domain 9',0,'wake',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'all',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'all',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'all',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'wake',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'wake',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',0,'wake',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'all',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'all',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'all',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'wake',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'wake',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'one',1,'wake',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'all',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'all',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'all',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'wake',0,102);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'wake',512,107);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',2,1,'two',0,'wake',32768,110);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'all',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'all',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'all',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'wake',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'wake',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'Domain-0',0,'wake',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'all',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'all',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'all',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'wake',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'wake',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'domain 9',0,'wake',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'all',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'all',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'all',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'wake',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'wake',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',0,'wake',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'all',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'all',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'all',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'wake',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'wake',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'one',1,'wake',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'all',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'all',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'all',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'wake',0,103);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'wake',512,108);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',3,1,'two',0,'wake',32768,111);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'all',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'all',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'all',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'wake',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'wake',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'Domain-0',0,'wake',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'all',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'all',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'all',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'wake',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'wake',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'domain 9',0,'wake',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'all',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'all',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'all',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'wake',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'wake',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',0,'wake',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'all',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'all',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'all',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'wake',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'wake',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'one',1,'wake',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'all',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'all',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'all',32768,112);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'wake',0,104);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'wake',512,109);
INSERT INTO trace_classes VALUES('7c4832f9-4c00-4039-af58-a06e764c0a4a',4,1,'two',0,'wake',32768,112);
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
CREATE VIEW slowdowns AS
  SELECT p.run, p.case_no, cases.name AS "case", p.guest, shared.median, solo.median AS solo_median, shared.unit,
         CASE WHEN p.metric IS NULL OR p.better = 'less' THEN shared.median / solo.median
              ELSE solo.median / shared.median END AS slowdown
    FROM parts p JOIN cases USING (run, case_no)
    JOIN medians shared ON shared.run = p.run AND shared.case_no = p.case_no AND shared.guest = p.guest
    JOIN medians solo ON solo.run = p.run AND solo.case_no = p.solo_case AND solo.guest = p.guest
   WHERE shared.median > 0 AND solo.median > 0;
CREATE VIEW overlaps AS
  SELECT s.run, c.case_no, c.cell, c.repetition, s.guest, c.overlap_ns / 1e9 AS overlap_s, s.wall_ns / 1e9 AS wall_s,
         min(1.0, c.overlap_ns * 1.0 / s.wall_ns) AS wall_part,
         CASE WHEN ifnull(s.overlap_slack_ns, 0) * 10 <= c.overlap_ns
              THEN min(1.0, s.overlap_run_ns * 1.0 / s.run_ns) END AS cpu_part
    FROM samples s JOIN cells c USING (run, cell, attempt)
    JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest
   WHERE c.state = 'done' AND c.warmup = 0 AND p.role = 'measured' AND s.outcome = 'exited' AND s.status = 0;
COMMIT;
