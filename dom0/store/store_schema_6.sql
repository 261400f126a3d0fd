-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 5 to 6: what a resumed run must do as before.

ALTER TABLE runs ADD COLUMN trace INTEGER;                        -- 1: Xen's trace is taken in each cell, 0: not; NULL: an earlier version began the run
