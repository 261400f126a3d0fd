# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's output and input."""
import errno
import fcntl
import os
import select
import struct
import termios

from wire import CHUNK, Refused

HISTORY, WINDOW = 128 << 10, 64 << 10


class Stream:
    """Output: `data` begins at offset `start` of all that the job wrote."""

    def __init__(self, fd, kept):
        self.fd, self.kept, self.start, self.data, self.eof = fd, kept, 0, b"", fd is None
        self.sent, self.eof_sent = None if kept else 0, False   # sent up to here; None: nobody asked

    def end(self):
        return self.start + len(self.data)

    def wants_read(self):
        return not self.kept and not self.eof and self.sent == self.end()

    def read(self, most, job_over):
        try:
            data = os.read(self.fd, most)
            self.eof = not data
        except BlockingIOError:
            data, self.eof = b"", job_over
        except OSError:   # EIO: nobody has the terminal open any more
            data, self.eof = b"", True
        self.data += data
        excess = max(0, len(self.data) - HISTORY)
        self.start, self.data = self.start + excess, self.data[excess:]

    def job_ended(self, keep_bytes):
        if self.kept:
            size = os.fstat(self.fd).st_size
            self.start, self.eof = max(0, size - keep_bytes), True
            self.data = os.pread(self.fd, keep_bytes, self.start)
        else:
            self.eof |= self.unread() == 0

    def unread(self):
        """What a pipe still holds."""
        if self.kept or self.fd is None or self.eof:
            return 0
        return struct.unpack("i", fcntl.ioctl(self.fd, termios.FIONREAD, b"\0" * 4))[0]

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None


class Input:
    def __init__(self, fd, terminal):
        os.set_blocking(fd, False)
        self.fd, self.terminal, self.offset, self.data, self.until = fd, terminal, 0, b"", WINDOW
        self.last, self.eof, self.closed = b"\n", False, False

    def room(self):
        return self.offset - len(self.data) + WINDOW

    def wants_accept(self):
        return not self.eof and self.room() >= self.until + CHUNK

    def wants_poll(self):
        """A pipe tells by POLLERR that nobody reads it; a terminal would tell it again and again."""
        return self.fd is not None and bool(self.data or not self.terminal)

    def events(self):
        return select.POLLOUT if self.data else 0

    def take(self, offset, data, eof):
        if self.fd is None or self.eof and eof and not data:
            return
        if self.eof or offset != self.offset or len(data) > CHUNK or not data and not eof:
            raise Refused(errno.EPROTO, "INPUT is out of order")
        if offset + len(data) > self.until:
            raise Refused(errno.ENOBUFS, "INPUT is more than was accepted")
        self.offset, self.data, self.last, self.eof = offset + len(data), self.data + data, data[-1:] or self.last, eof
        if eof and self.terminal:
            self.data += b"\4" if self.last in b"\r\n" else b"\4\4"

    def write(self):
        try:
            self.data = self.data[os.write(self.fd, self.data):] if self.data else b""
        except BlockingIOError:
            return
        except OSError:
            self.closed = True
        if self.closed or self.eof and not self.data:
            self.close()

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None
