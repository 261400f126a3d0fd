-- From version 6 to 7: what a guest is in each case, where its image or its type may be another one.
-- image, type and digests in guests are of the build that was the last.

ALTER TABLE parts ADD COLUMN image TEXT;                          -- as asked for; NULL: the guest was there already
ALTER TABLE parts ADD COLUMN type TEXT;                           -- as Xen says: pv, pvh, hvm; NULL: no cell of such a build has been begun
ALTER TABLE parts ADD COLUMN kernel TEXT;                         -- the guest's word: its release
ALTER TABLE parts ADD COLUMN image_sha256 TEXT;                   -- as in guests

UPDATE parts SET (image, type, kernel, image_sha256) = (SELECT image, type, kernel, image_sha256
  FROM guests WHERE guests.run = parts.run AND guests.guest = parts.guest);
