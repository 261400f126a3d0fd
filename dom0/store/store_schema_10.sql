-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 9 to 10: when each vcpu ran, and on which CPU.

ALTER TABLE trace_vcpus ADD COLUMN timeline TEXT;                 -- of 120 equal parts of the window, "CPU:PERCENT" or "-": the CPU on which it ran most, and how much it ran
