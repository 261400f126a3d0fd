-- From version 5 to 6: what a run that is resumed has to keep to.

ALTER TABLE runs ADD COLUMN trace INTEGER;                        -- 1: Xen's trace is taken in each cell, 0: not; NULL: an earlier version began it
