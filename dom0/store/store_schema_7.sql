-- SPDX-License-Identifier: GPL-3.0-or-later
-- From version 6 to 7: a guest's image, type and kernel in each case, since cases may differ in them.
-- image, type and digests in guests are those of the last build.

ALTER TABLE parts ADD COLUMN image TEXT;                          -- as requested; NULL: the guest was there already
ALTER TABLE parts ADD COLUMN type TEXT;                           -- by Xen: pv, pvh, hvm; NULL: no cell of such a build has begun
ALTER TABLE parts ADD COLUMN kernel TEXT;                         -- the release, as the guest reports it
ALTER TABLE parts ADD COLUMN image_sha256 TEXT;                   -- as in guests

UPDATE parts SET (image, type, kernel, image_sha256) = (SELECT image, type, kernel, image_sha256
  FROM guests WHERE guests.run = parts.run AND guests.guest = parts.guest);
