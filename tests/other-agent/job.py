# SPDX-License-Identifier: GPL-3.0-or-later
"""A job: from ARM to FORGET."""
import errno
import fcntl
import os
import resource
import signal
import struct
import termios
import time

from guest import clocksource, cpu_times, kill_family, oom_kills, send_signal
from spawn import spawn
from streams import Input, Stream
from wire import CHUNK, NUMBERS, Refused

ARMING, ARMED, RELEASED, DONE = 0, 1, 2, 3
EXITED, SIGNALED, TIMEOUT, EXEC_FAILED, OOM, CANCELLED, KILLED = 1, 2, 3, 4, 5, 6, 7
RESULT, STDOUT, STDERR, STDIN = 0, 1, 2, 3
KEEP_DEFAULT, KEEP_MAX = 1 << 20, 64 << 20


def check(arm):
    words = arm["argv"] + arm["env"] + [arm["cwd"], arm["user"], arm["stdin_path"]]
    rules = {
        "a command": arm["argv"] and arm["argv"][0],
        "no NUL bytes": not any(b"\0" in word for word in words),
        "NAME=VALUE": all(word.find(b"=") > 0 for word in arm["env"]),
        "an absolute path of an input to remove": not arm["stdin_remove"] or arm["stdin_path"].startswith(b"/"),
        "streamed output with INPUT": arm["output"] or not arm["stdin_stream"],
        "one input": not (arm["stdin_stream"] and arm["stdin_path"]),
        "INPUT with a terminal": arm["stdin_stream"] or not arm["terminal"],
        "at most 64 MiB to keep": arm["keep_bytes"] <= KEEP_MAX,
        "a limit's name": all(hasattr(resource, "RLIMIT_" + limit["name"].upper()) for limit in arm["rlimits"]),
        "soft limits below hard ones": all(limit["soft"] <= limit["hard"] for limit in arm["rlimits"]),
    }
    for rule, kept in rules.items():
        if not kept:
            raise Refused(errno.EINVAL, f"an ARM needs {rule}")


def drop_stdin(arm):
    if arm["stdin_remove"] and os.path.exists(arm["stdin_path"]):
        os.unlink(arm["stdin_path"])


def open_stdin(arm):
    """A pushed file, which is removed in any case."""
    try:
        return os.open(arm["stdin_path"], os.O_RDONLY) if arm["stdin_remove"] else None
    finally:
        drop_stdin(arm)


class Job:
    def __init__(self, agent, owner, id, arm):
        self.agent, self.owner, self.id, self.arm, self.token = agent, owner, id, arm, arm["token"]
        self.phase, self.opened, self.reported, self.error = ARMING, 0, b"", None
        self.release, self.late, self.deadline, self.credit = 0, 0, None, arm["credit_bytes"]
        self.killed_by, self.cancelled, self.timed_out, self.result, self.input = 0, False, False, None, None
        self.tag = f"{id}.{agent.next_serial()}"
        stdin = open_stdin(arm) if arm["stdin_path"] else None
        check(arm)
        self.note_start()
        stdin, outs = self.make_channels(stdin)
        self.pid, self.gate, self.report = spawn(arm, self.tag, stdin, outs)
        for fd in {stdin, *outs} - {None}:
            os.close(fd)

    def make_channels(self, stdin):
        """The descriptors 0 (None: the job opens it), 1 and 2 of the job"""
        if self.arm["terminal"]:
            return self.make_terminal(self.arm["terminal"])
        if self.arm["stdin_stream"]:
            stdin, ours = os.pipe()
            self.input = Input(ours, False)
        pairs = [self.make_output() for _ in (STDOUT, STDERR)]
        self.streams = {number: Stream(ours, not self.arm["output"]) for number, (ours, _) in enumerate(pairs, 1)}
        return stdin, [theirs for _, theirs in pairs]

    def make_output(self):
        if self.arm["output"]:
            ours, theirs = os.pipe()
            os.set_blocking(ours, False)
            return ours, theirs
        file = os.memfd_create("output")
        fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
        return file, os.dup(file)

    def make_terminal(self, size):
        ours, theirs = os.openpty()
        self.input = Input(os.dup(ours), True)
        self.streams = {STDOUT: Stream(ours, False), STDERR: Stream(None, False)}
        self.resize(size["rows"], size["columns"])
        return theirs, [theirs] * 2

    def resize(self, rows, columns):
        if not self.arm["terminal"]:
            raise Refused(errno.ENOTTY, "the job has no terminal")
        if self.phase != DONE:
            fcntl.ioctl(self.streams[STDOUT].fd, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def read_report(self):
        """What the child says of itself, until it has said all that it had."""
        try:
            while self.report is not None and (data := os.read(self.report, 4096)):
                *lines, self.reported = (self.reported + data).split(b"\n")
                for word, _, rest in (line.decode().partition(" ") for line in lines):
                    self.handle_report(word, rest)
        except BlockingIOError:
            return

    def handle_report(self, word, rest):
        if word == "ready":
            self.phase = ARMED
            self.tell("ARMED", pid=self.pid)
            if self.input:
                self.accept()
        elif word == "opened":
            self.opened = int(rest)
        else:
            self.error = int(word), rest

    def tell(self, frame, **values):
        if self.owner:
            self.owner.send(frame, self.id, **values)

    def accept(self):
        self.input.until = self.input.room()
        self.tell("ACCEPT", offset=self.input.offset, until=self.input.until, closed=self.input.closed)

    def note_start(self):
        self.before = dict(cpu_times(), clock=clocksource(), ooms=oom_kills(), wakeups=self.agent.wakeups)

    def start(self, at):
        now = time.monotonic_ns()
        if self.phase != ARMED:
            raise Refused(errno.EALREADY if self.phase else errno.EAGAIN, "the job does not wait at its gate")
        self.note_start()
        self.phase, self.release, self.late = RELEASED, at or now, max(0, now - at) if at else 0
        self.deadline = max(self.release, now) + self.arm["timeout_ns"] if self.arm["timeout_ns"] else None
        os.write(self.gate, struct.pack("Q", self.release))

    def cancel(self):
        if self.phase == DONE:
            raise Refused(errno.ESRCH, "the job has ended")
        self.read_report()
        if self.opened:
            raise Refused(errno.EBUSY, "the job has passed its gate")
        self.cancelled = True
        send_signal(os.kill, self.pid, signal.SIGKILL)

    def kill(self, number):
        if not 0 < number <= 64 or self.phase in (ARMING, ARMED):
            raise Refused(errno.EINVAL, "there is no such signal, or the job is not released")
        if self.phase == DONE and number != signal.SIGKILL:
            raise Refused(errno.ESRCH, "the job has ended")
        self.killed_by = number
        if number == signal.SIGKILL:
            kill_family(self.pid, self.tag)
        else:
            send_signal(os.killpg, self.pid, number)

    def end_in_time(self, now):
        if self.deadline and self.deadline <= now:
            self.kill(signal.SIGKILL)
            self.timed_out, self.deadline = True, None

    def need_input(self):
        if not self.input:
            raise Refused(errno.EINVAL, "the job was armed without INPUT")
        return self.input

    def input_ready(self):
        self.input.closed |= not self.input.data   # with nothing to write, only the end of all readers wakes it
        self.pump_input()

    def pump_input(self):
        if self.phase != ARMING and self.input and self.input.fd is not None:
            self.input.write()
            if self.input.closed or self.input.wants_accept():
                self.accept()

    def fetch(self, stream, offset, credit):
        if stream == STDIN:
            self.need_input()
            self.accept()
        elif stream == RESULT:
            if self.phase != DONE:
                raise Refused(errno.EBUSY, "the job has no result yet")
            self.tell("RESULT", **self.result)
        else:
            self.fetch_output(self.streams.get(stream), offset, credit)

    def fetch_output(self, out, offset, credit):
        if not out or offset > out.end():
            raise Refused(errno.EINVAL, "there is no such stream, or it is not so long")
        if out.kept and self.phase != DONE:
            raise Refused(errno.EBUSY, "the job still runs")
        self.credit += credit
        out.sent, out.eof_sent = max(offset, out.start), False

    def pump_output(self):
        for number, out in self.streams.items():
            while self.owner and out.sent is not None and not out.eof_sent and self.owner.has_room():
                if out.wants_read() and self.credit:
                    out.read(min(CHUNK, self.credit), self.phase == DONE)
                if not self.send_output(number, out):
                    break

    def send_output(self, number, out):
        data = out.data[out.sent - out.start:][:min(CHUNK, self.credit)]
        out.eof_sent = out.eof and out.sent + len(data) == out.end()
        if not data and not out.eof_sent:
            return False
        self.tell("OUTPUT", stream=number, offset=out.sent, data=data, eof=out.eof_sent)
        out.sent, self.credit = out.sent + len(data), self.credit - len(data)
        return True

    def ended(self, status, usage):
        self.read_report()
        os.close(self.gate)
        os.close(self.report)
        self.report = None
        if self.phase == ARMING:
            number, text = self.error or (0, "cancelled, or killed before it was ready")
            self.tell("ERROR", request=NUMBERS["ARM"], errnum=number, message=text)
            return self.agent.jobs.pop(self.id).free()
        if not self.arm["leave"]:
            send_signal(os.killpg, self.pid, signal.SIGKILL)
        for out in self.streams.values():
            out.job_ended(self.arm["keep_bytes"] or KEEP_DEFAULT)
        self.phase, self.deadline = DONE, None
        self.result = dict(self.verdict(status), token=self.token, **self.times(usage), **self.amounts())
        if self.input:
            self.input.closed = True
            self.input.close()
        self.agent.give_result(self)

    def verdict(self, status):
        number = os.WTERMSIG(status)
        if self.cancelled:
            return dict(outcome=CANCELLED)
        if self.error:
            return dict(outcome=EXEC_FAILED, status=self.error[0], detail=self.error[1])
        if number == 0:
            return dict(outcome=EXITED, status=os.WEXITSTATUS(status))
        if self.timed_out and number == signal.SIGKILL:
            return dict(outcome=TIMEOUT, status=number)
        if number == self.killed_by:
            return dict(outcome=KILLED, status=number)
        oom = number == signal.SIGKILL and oom_kills() > self.before["ooms"]
        return dict(outcome=OOM if oom else SIGNALED, status=number)

    def times(self, usage):
        now = cpu_times()
        return dict(
            release_ns=self.release, opened_ns=self.opened, late_ns=self.late, ended_ns=time.monotonic_ns(),
            user_ns=int(usage.ru_utime * 1e9), system_ns=int(usage.ru_stime * 1e9),
            max_rss_bytes=usage.ru_maxrss << 10, minor_faults=usage.ru_minflt, major_faults=usage.ru_majflt,
            voluntary_switches=usage.ru_nvcsw, involuntary_switches=usage.ru_nivcsw,
            blocks_in=usage.ru_inblock, blocks_out=usage.ru_oublock,
            clocksource_before=self.before["clock"], clocksource=clocksource(),
            **{name: max(0, now[name] - self.before[name]) for name in now})

    def amounts(self):
        out, err = self.streams.values()
        return dict(
            agent_wakeups=self.agent.wakeups - self.before["wakeups"],
            stdout_bytes=out.end() + out.unread(), stdout_kept_bytes=len(out.data) + out.unread(),
            stderr_bytes=err.end() + err.unread(), stderr_kept_bytes=len(err.data) + err.unread())

    def free(self):
        if self.arm["leave"] or self.phase != DONE:
            kill_family(self.pid, self.tag)
        for held in [*self.streams.values(), *([self.input] if self.input else [])]:
            held.close()
