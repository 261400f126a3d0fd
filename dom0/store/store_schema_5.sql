-- From version 4 to 5: what an image holds, file by file. image_sha256 is not that: it is of image.json, in which the digests of
-- these files stand beside the image's name and the time of its build.

ALTER TABLE guests ADD COLUMN kernel_sha256 TEXT;                 -- of the image's kernel (vmlinux); NULL: an image of before there were any
ALTER TABLE guests ADD COLUMN initrd_sha256 TEXT;                 -- of its initramfs
ALTER TABLE guests ADD COLUMN disk_sha256 TEXT;                   -- of its disk as it was built; NULL also where the guest was there already
