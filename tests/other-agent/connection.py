# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller's connection: its requests and the answers."""
import errno
import select
import struct
import time

from files import Pull, Push
from guest import slurp, status
from job import DONE, Job, drop_stdin
from wire import FRAME_MAX, FRAMES, NUMBERS, Refused, pack_frame, unpack_body

MAJOR, MINOR = 1, 2
ROOM, ARM_MAX, JOBS_MAX, TRANSFERS_MAX, IDS = 256 << 10, 2 << 20, 64, 8, 1 << 20


class Connection:
    def __init__(self, agent, sock, generation):
        self.agent, self.sock, self.generation, self.controller = agent, sock, generation, 0
        self.read, self.written, self.part, self.part_id = b"", b"", b"", 0
        self.greeted, self.ending, self.listed, self.transfers, self.dropped = False, False, set(), {}, set()
        sock.setblocking(False)

    def send(self, frame, id, **values):
        self.written += pack_frame(frame, id, values)

    def has_room(self):
        return len(self.written) < ROOM

    def flush(self):
        try:
            self.written = self.written[self.sock.send(self.written):]
        except BlockingIOError:
            return
        except OSError:
            self.ending, self.written = True, b""

    def receive(self):
        try:
            data = self.sock.recv(FRAME_MAX)
        except BlockingIOError:
            return   # it was ready to be written to
        except OSError:
            data = b""
        self.read += data
        self.ending |= not data
        self.serve()

    def has_hung_up(self):
        poll = select.poll()
        poll.register(self.sock, 0)
        return bool(poll.poll(0))

    def serve(self):
        while len(self.read) >= 12 and not self.ending and self.has_room():
            size, number, zero, id = struct.unpack("<IHHI", self.read[:12])
            self.ending = size > FRAME_MAX or zero != 0
            if self.ending or len(self.read) < 12 + size:
                return
            body, self.read = self.read[12:12 + size], self.read[12 + size:]
            self.request(number, id, body)

    def request(self, number, id, body):
        try:
            self.handle(FRAMES[number - 1] if 0 < number <= len(FRAMES) else "", id, body)
        except Refused as e:
            self.ending |= e.fatal
            self.refuse(number, id, e.number, e.text)
        except (OSError, ValueError) as e:
            self.refuse(number, id, getattr(e, "errno", errno.EINVAL), str(e))

    def refuse(self, number, id, errnum, text):
        if number in (NUMBERS["PUSH"], NUMBERS["DATA"]):
            self.dropped.add(id)
        if number in (NUMBERS["DATA"], NUMBERS["END"]):
            self.end_transfer(id)
        self.send("ERROR", id, request=number, errnum=errnum, message=text)

    def handle(self, frame, id, body):
        if (frame == "HELLO") == self.greeted:
            raise Refused(errno.EPROTO, "HELLO comes first and once", True)
        if self.part and (frame not in ("PART", "ARM") or id != self.part_id):
            raise Refused(errno.EPROTO, "a frame among the PARTs of an ARM", True)
        method = getattr(self, "on_" + frame.lower(), None)
        if not method:
            raise Refused(errno.EOPNOTSUPP, f"{frame or 'this type'} is not served")
        if frame == "ARM":
            body, self.part = self.part + body, b""
        method(id, **unpack_body(frame, body))

    def on_hello(self, id, major, minor, controller, **_):
        if major != MAJOR:
            text = f"the controller speaks {major}.{minor}, the agent {MAJOR}.{MINOR}"
            raise Refused(errno.EPROTONOSUPPORT, text, True)
        self.greeted, self.controller = True, controller
        self.agent.drop_who_left(self)
        if self.ending:
            return   # a later connection of this controller is there
        jobs = [job for job in self.agent.jobs.values() if not job.owner]
        self.listed = {job.id for job in jobs}
        self.send("HELLO", id, major=MAJOR, minor=MINOR, version="other", generation=self.generation,
                  boot_id=slurp("/proc/sys/kernel/random/boot_id"), max_jobs=JOBS_MAX, first_id=self.first_id(),
                  jobs=[dict(job_id=job.id, phase=job.phase or 1, token=job.token) for job in jobs])

    def first_id(self):
        block = self.generation % 2047 + 1
        while block in {id // IDS for id in self.agent.jobs}:
            block = block % 2047 + 1
        return block * IDS

    def on_ping(self, id, **ping):
        self.send("PONG", id, received_ns=self.agent.woke_ns, sent_ns=time.monotonic_ns(), **ping)

    def on_status_request(self, id):
        self.send("STATUS", id, agent_wakeups=self.agent.wakeups, agent_started_ns=self.agent.started_ns,
                  agent_published_ns=self.agent.started_ns, **status())

    def on_part(self, id, data):
        self.part, self.part_id = self.part + data, id
        if not id or not data or len(self.part) > ARM_MAX:
            raise Refused(errno.EMSGSIZE, "a PART is of a job, not empty, and of an ARM of at most 2 MiB", True)

    def check_new(self, id):
        if id in self.agent.jobs or id in self.transfers:
            raise Refused(errno.EEXIST, f"{id} is in use")

    def on_arm(self, id, **arm):
        try:
            self.check_new(id)
            if id == 0:
                raise Refused(errno.EINVAL, "a job has an id")
            if len(self.agent.jobs) >= JOBS_MAX:
                raise Refused(errno.ENOSPC, "there are too many jobs")
            self.agent.jobs[id] = Job(self.agent, self, id, arm)
        except Refused:
            drop_stdin(arm)
            raise

    def job(self, id):
        job = self.agent.jobs.get(id)
        if not job:
            raise Refused(errno.ENOENT if id else errno.EINVAL, f"there is no job {id}")
        if job.owner not in (None, self):
            raise Refused(errno.EBUSY, "the job is another controller's")
        job.owner = self
        return job

    def on_release(self, id, at_ns):
        self.job(id).start(at_ns)

    def on_cancel(self, id):
        if id in self.transfers:
            if isinstance(self.transfers[id], Push):
                self.dropped.add(id)
            self.end_transfer(id)
        elif id:
            self.job(id).cancel()
        else:
            raise Refused(errno.ENOENT, "there is no transfer 0")
        self.send("DONE", id)

    def on_kill(self, id, signal):
        self.job(id).kill(signal)
        self.send("DONE", id)

    def on_forget(self, id):
        if self.job(id).phase != DONE:
            raise Refused(errno.EBUSY, "the job has not ended")
        self.agent.jobs.pop(id).free()
        self.send("DONE", id)

    def on_fetch(self, id, stream, offset, credit_bytes):
        self.job(id).fetch(stream, offset, credit_bytes)

    def on_credit(self, id, bytes):
        if id in self.transfers:
            self.transfers[id].credit += bytes
        elif id in self.agent.jobs and self.agent.jobs[id].owner in (None, self):   # else the credit came after the job's end
            self.job(id).credit += bytes

    def on_input(self, id, offset, data, eof):
        if id in self.agent.jobs:
            self.job(id).need_input().take(offset, data, eof)

    def on_resize(self, id, rows, columns):
        if id in self.agent.jobs:
            self.job(id).resize(rows, columns)

    def begin(self, id, transfer, *arguments):
        self.check_new(id)
        if sum(len(other.transfers) for other in self.agent.connections) >= TRANSFERS_MAX:
            raise Refused(errno.EBUSY, "there are eight transfers already")
        self.dropped.discard(id)
        self.transfers[id] = transfer(*arguments)
        return self.transfers[id]

    def on_push(self, id, path, mode, size_bytes):
        self.begin(id, Push, path, mode, size_bytes)

    def pushing(self, id):
        if not isinstance(self.transfers.get(id), Push):
            raise Refused(errno.ENOENT, f"there is no PUSH {id}")
        return self.transfers[id]

    def on_data(self, id, offset, data):
        if id not in self.dropped:
            self.pushing(id).data(offset, data)

    def on_end(self, id, size_bytes, crc32):
        if id in self.dropped:
            return self.dropped.discard(id)
        self.pushing(id).end(size_bytes, crc32)
        self.end_transfer(id)
        self.send("DONE", id)

    def on_pull(self, id, path, credit_bytes):
        pull = self.begin(id, Pull, path, credit_bytes)
        self.send("PULLING", id, mode=pull.mode, size_bytes=pull.size)

    def end_transfer(self, id):
        if transfer := self.transfers.pop(id, None):
            transfer.close()

    def pump_pulls(self):
        for id, pull in [item for item in self.transfers.items() if isinstance(item[1], Pull)]:
            while id in self.transfers and pull.credit and self.has_room():
                try:
                    frame, fields = pull.next()
                except (Refused, OSError) as e:
                    fields = dict(request=NUMBERS["PULL"], errnum=getattr(e, "errno", 0), message=str(e))
                    frame = "ERROR"
                self.send(frame, id, **fields)
                if frame != "DATA":
                    self.end_transfer(id)
