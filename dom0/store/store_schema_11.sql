-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 10 to 11: runs of a part of an experiment.

ALTER TABLE runs ADD COLUMN shard_by TEXT CHECK (shard_by IN ('round', 'case', 'host')); -- what the experiment was split by; NULL: the run is of the whole
ALTER TABLE runs ADD COLUMN shards INTEGER CHECK (shards BETWEEN 1 AND 10000);           -- into so many parts
ALTER TABLE runs ADD COLUMN shard INTEGER CHECK (shard BETWEEN 1 AND shards);            -- this one, from 1
