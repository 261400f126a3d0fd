# SPDX-License-Identifier: GPL-3.0-or-later
"""PUSH and PULL."""
import errno
import os
import stat
import tempfile
import zlib

from wire import CHUNK, Refused


def checked_path(path):
    if not path.startswith(b"/") or path.endswith(b"/") or b"\0" in path or b".." in path.split(b"/"):
        raise Refused(errno.EINVAL, "a path is absolute, names a file, and has no ..")
    return path


def check_kind(mode):
    if stat.S_ISDIR(mode):
        raise Refused(errno.EISDIR, "this is a directory")
    if not stat.S_ISREG(mode):
        raise Refused(errno.EINVAL, "only regular files are copied")


class Push:
    def __init__(self, path, mode, size):
        self.path, self.size, self.at, self.crc = checked_path(path), size, 0, 0
        if os.path.exists(path):
            check_kind(os.stat(path).st_mode)
        self.fd, self.beside = tempfile.mkstemp(prefix=b".other-agent-", dir=os.path.dirname(path))
        os.fchmod(self.fd, mode & 0o7777)

    def data(self, offset, data):
        if offset != self.at or not 0 < len(data) <= CHUNK or offset + len(data) > self.size:
            raise Refused(errno.EPROTO, "DATA is out of order, too much, or empty")
        self.at, self.crc = self.at + len(data), zlib.crc32(data, self.crc)
        while data:
            data = data[os.write(self.fd, data):]

    def end(self, size, crc):
        if not size == self.at == self.size:
            raise Refused(errno.EPROTO, "another size was announced")
        if crc != self.crc:
            raise Refused(errno.EBADMSG, "the file is damaged")
        os.fsync(self.fd)
        os.rename(self.beside, self.path)
        self.beside = None
        directory = os.open(os.path.dirname(self.path), os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def close(self):
        os.close(self.fd)
        if self.beside:
            os.unlink(self.beside)


class Pull:
    def __init__(self, path, credit):
        check_kind(os.stat(checked_path(path)).st_mode)
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        facts = os.fstat(self.fd)
        self.mode, self.credit, self.at, self.crc = facts.st_mode & 0o7777, credit, 0, 0
        self.size = 0 if path.startswith((b"/proc/", b"/sys/")) else facts.st_size

    def next(self):
        """The next frame and its fields."""
        data = os.read(self.fd, min(CHUNK, self.credit, self.size - self.at if self.size else CHUNK))
        if not data and self.at < self.size:
            raise Refused(0, "the file has shrunk")
        if not data:
            return "END", dict(size_bytes=self.at, crc32=self.crc)
        frame = "DATA", dict(offset=self.at, data=data)
        self.at, self.crc, self.credit = self.at + len(data), zlib.crc32(data, self.crc), self.credit - len(data)
        return frame

    def close(self):
        os.close(self.fd)
