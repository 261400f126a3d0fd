-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 8 to 9: whether a job's whole output could be kept.

ALTER TABLE samples ADD COLUMN output_lost INTEGER;               -- 1: the output filled the guest's memory for it; later writes failed
