# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's process until it executes the command. It reports lines: `ready`, `opened TIME`, or `ERRNO TEXT`."""
import fcntl
import os
import pwd
import resource
import signal
import struct
import termios
import time

from guest import prctl, reset_signals

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PR_SET_PDEATHSIG = 1


def spawn(arm, tag, stdin, outs):
    """(process id, where the release time is written, where the report is read)"""
    (gate, ours), (report, theirs) = os.pipe(), os.pipe()
    os.set_blocking(report, False)
    pid = os.fork()
    if pid == 0:
        Child(arm, tag, theirs).run(stdin, outs, gate)
    os.close(gate)
    os.close(theirs)
    return pid, ours, report


class Child:
    def __init__(self, arm, tag, report):
        self.arm, self.tag, self.report, self.step = arm, tag, report, "start"

    def run(self, stdin, outs, gate):
        try:
            self.set_up(stdin, outs, gate)
            os.write(self.report, b"ready\n")
            command = self.arm["argv"]
            self.step = "execute " + os.fsdecode(command[0])
            self.wait_at_gate(gate)
            os.execvpe(command[0], command, self.environment)
        except OSError as e:
            os.write(self.report, f"{e.errno} {self.step}: {os.strerror(e.errno)}\n".encode())
        finally:
            os._exit(127)

    def set_up(self, stdin, outs, gate):
        reset_signals()
        signal.set_wakeup_fd(-1)
        os.setsid()
        for number, fd in enumerate(outs, 1):
            os.dup2(fd, number)
        if self.arm["terminal"]:
            fcntl.ioctl(1, termios.TIOCSCTTY, 0)
        keep = sorted({2, gate, self.report, *({stdin} - {None}), 1 << 16})
        for low, high in zip(keep, keep[1:]):
            os.closerange(low + 1, high)
        for limit in self.arm["rlimits"]:
            self.set_limit(limit["name"], [-1 if limit[k] == (1 << 64) - 1 else limit[k] for k in ("soft", "hard")])
        user = self.become_user(stdin)
        self.environment = self.make_environment(user)
        self.change_directory(user)
        self.step = "open standard input " + os.fsdecode(self.arm["stdin_path"])
        os.dup2(os.open(self.arm["stdin_path"] or "/dev/null", os.O_RDONLY) if stdin is None else stdin, 0)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def set_limit(self, name, pair):
        self.step = "set limit " + name
        resource.setrlimit(getattr(resource, "RLIMIT_" + name.upper()), pair)

    def become_user(self, stdin):
        name = os.fsdecode(self.arm["user"])
        self.step = "become user " + name
        try:
            user = pwd.getpwnam(name) if name else pwd.getpwuid(os.getuid())
        except KeyError:
            raise FileNotFoundError(2, name)
        if user.pw_uid != os.getuid():
            if stdin is not None:
                os.fchown(stdin, user.pw_uid, -1)
            os.setgroups(os.getgrouplist(user.pw_name, user.pw_gid))
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        return user

    def make_environment(self, user):
        env = dict(PATH=PATH, HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name, SHELL=user.pw_shell,
                   LANG="C.UTF-8", XENBENCH_JOB=self.tag)
        if self.arm["terminal"] and self.arm["terminal"]["type"]:
            env["TERM"] = os.fsdecode(self.arm["terminal"]["type"])
        env.update(os.fsdecode(word).split("=", 1) for word in self.arm["env"])
        return env

    def change_directory(self, user):
        directory = os.fsdecode(self.arm["cwd"]) or (user.pw_dir if os.path.isdir(user.pw_dir) else "/")
        self.step = "change to directory " + directory
        os.chdir(directory)

    def wait_at_gate(self, gate):
        until = struct.unpack("Q", os.read(gate, 8) or os._exit(127))[0]
        while (left := until - time.monotonic_ns()) > 0:
            time.sleep(left / 1e9)
        os.write(self.report, b"opened %d\n" % time.monotonic_ns())
