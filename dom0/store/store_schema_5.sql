-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 4 to 5: digests of an image's files, and how much of each job the overlap of all jobs covers.
-- image_sha256 is of image.json, which holds the digests of these files, the image's name and the time of its build.

ALTER TABLE guests ADD COLUMN kernel_sha256 TEXT;                 -- of the image's kernel (vmlinux); NULL: the image is older than these digests
ALTER TABLE guests ADD COLUMN initrd_sha256 TEXT;                 -- of its initramfs
ALTER TABLE guests ADD COLUMN disk_sha256 TEXT;                   -- of its disk as built; NULL also where the guest was there already

-- The part of each measured job in the overlap of its cell's jobs: of its wall time, and of its guest's CPU time by Xen.
CREATE VIEW overlaps AS
  SELECT s.run, c.case_no, c.cell, c.repetition, s.guest, c.overlap_ns / 1e9 AS overlap_s, s.wall_ns / 1e9 AS wall_s,
         min(1.0, c.overlap_ns * 1.0 / s.wall_ns) AS wall_part, min(1.0, s.overlap_run_ns * 1.0 / s.run_ns) AS cpu_part
    FROM samples s JOIN cells c USING (run, cell, attempt)
    JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest
   WHERE c.state = 'done' AND c.warmup = 0 AND p.role = 'measured' AND s.outcome = 'exited' AND s.status = 0;
