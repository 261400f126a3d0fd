# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the guest, and its processes."""
import ctypes
import os
import re
import signal
import time


def slurp(path):
    try:
        with open(path, errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def number_in(path, name):
    found = re.search(rf"^{name}:?\s+(\d+)", slurp(path), re.M)
    return int(found[1]) if found else 0


def oom_kills():
    return number_in("/proc/vmstat", "oom_kill")


def cpu_times():
    words, tick = slurp("/proc/stat").split(), 10**9 // os.sysconf("SC_CLK_TCK")
    return dict(steal_ns=int(words[8]) * tick, idle_ns=int(words[4]) * tick)


def clocksource():
    return slurp("/sys/devices/system/clocksource/clocksource0/current_clocksource")


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def status():
    name = re.search(r'^PRETTY_NAME="?([^"\n]*)', slurp("/etc/os-release"), re.M)
    return dict(
        monotonic_ns=time.monotonic_ns(), boottime_ns=boottime(), realtime_ns=time.time_ns(), settled=True,
        clocksource=clocksource(), kernel=os.uname().release, os=name[1] if name else "",
        hostname=os.uname().nodename, vcpus_online=os.sysconf("SC_NPROCESSORS_ONLN"),
        memory_total_bytes=number_in("/proc/meminfo", "MemTotal") << 10,
        memory_available_bytes=number_in("/proc/meminfo", "MemAvailable") << 10,
        net=[dict(name=name) for name in os.listdir("/sys/class/net")], **cpu_times())


def prctl(option, value):
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def reset_signals():
    """Every signal, by the system call: the C library hides two of its own, which GNU make leaves ignored."""
    call = {"x86_64": 13, "aarch64": 134}[os.uname().machine]  # rt_sigaction
    by_default = ctypes.create_string_buffer(32)
    for number in range(1, signal.NSIG):
        ctypes.CDLL(None).syscall(call, number, by_default, None, 8)


def send_signal(send, pid, number):
    try:
        send(pid, number)
    except ProcessLookupError:
        pass


def read_process(pid):
    """(parent, session, environment); None for a zombie, or one that has gone"""
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/environ", "rb") as environ:
            state, parent, _, session = stat.read().rpartition(") ")[2].split()[:4]
            return None if state == "Z" else (int(parent), int(session), environ.read().split(b"\0"))
    except OSError:
        return None


def family(leader, tag):
    """The job's processes: of its session, orphans that have its tag, and the children of all these."""
    processes = {int(pid): read_process(pid) for pid in os.listdir("/proc") if pid.isdigit()}
    processes = {pid: process for pid, process in processes.items() if process}
    found = {pid for pid, (_, session, environ) in processes.items() if session == leader or tag in environ}
    while more := {pid for pid, (parent, *_) in processes.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def kill_family(leader, tag):
    while pids := family(leader, b"XENBENCH_JOB=" + tag.encode()):
        # The leader first: if its child were killed before it, a shell would exit by itself.
        for pid in sorted(pids, key=lambda pid: pid != leader):
            send_signal(os.kill, pid, signal.SIGKILL)
