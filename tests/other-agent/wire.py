# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames and messages: a small protobuf that reads its schema from proto/xenbench.proto."""
import errno
import os
import re
import struct

FRAME_MAX, CHUNK = 64 << 10, 32 << 10
FRAMES = """HELLO ERROR PING PONG STATUS_REQUEST STATUS ARM ARMED RELEASE CANCEL KILL OUTPUT CREDIT RESULT FETCH
    FORGET PUSH DATA END DONE PULL PULLING QUIESCE PART INPUT ACCEPT RESIZE""".split()
NUMBERS = {name: number for number, name in enumerate(FRAMES, 1)}


class Refused(Exception):
    """Answered by ERROR. `fatal`: and by the end of the connection."""

    def __init__(self, number, text, fatal=False):
        super().__init__(text)
        self.number, self.text, self.fatal = number, text, fatal


def read_schema(path):
    """{message: {field's number: (name, type, repeated)}}"""
    with open(path) as file:
        text = re.sub(r"//.*", "", file.read())
    fields = r"(repeated )?(\w+) (\w+) = (\d+);"
    return {name: {int(number): (field, kind, bool(many)) for many, kind, field, number in re.findall(fields, body)}
            for name, body in re.findall(r"message (\w+) \{(.*?)\}", text, re.S)}


SCHEMA = read_schema(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../proto/xenbench.proto"))


def has_length(kind):
    return kind in SCHEMA or kind in ("string", "bytes")


def varint(value):
    value, out = value & (1 << 64) - 1, b""
    while value > 127:
        value, out = value >> 7, out + bytes([value & 127 | 128])
    return out + bytes([value])


def encode_field(number, kind, value):
    if not has_length(kind):
        return varint(number << 3) + varint(int(value))
    if kind in SCHEMA:
        value = encode(kind, value)
    elif kind == "string":
        value = value.encode(errors="replace")
    return varint(number << 3 | 2) + varint(len(value)) + value


def encode(message, values):
    out = b""
    for number, (field, kind, many) in SCHEMA[message].items():
        value = values.get(field)
        for one in value or [] if many else [value] if value else []:
            out += encode_field(number, kind, one)
    return out


def read_varint(data, at):
    value = 0
    for shift in range(0, 70, 7):
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value & (1 << 64) - 1, at
    raise ValueError("a number is too long")


def read_fields(data):
    """(field's number, int or bytes) of each field"""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        else:
            size, at = read_varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at:at + size], at + size
            if at > len(data):
                raise ValueError("a field is cut off")
        yield key >> 3, value


def default(kind, many):
    return [] if many else None if kind in SCHEMA else "" if kind == "string" else b"" if kind == "bytes" else 0


def decode(message, data):
    values = {field: default(kind, many) for field, kind, many in SCHEMA[message].values()}
    for number, value in read_fields(data):
        if number not in SCHEMA[message]:
            continue   # of a later version
        field, kind, many = SCHEMA[message][number]
        if isinstance(value, bytes) != has_length(kind):
            raise ValueError(f"{field} has another type")
        value = decode(kind, value) if kind in SCHEMA else value.decode() if kind == "string" else value
        values[field] = values[field] + [value] if many else value
    return values


def message_of(frame):
    return frame.title().replace("_", "")


def pack_frame(frame, id, values):
    body = encode(message_of(frame), values)
    return struct.pack("<IHHI", len(body), NUMBERS[frame], 0, id) + body


def unpack_body(frame, body):
    try:
        return decode(message_of(frame), body)
    except (ValueError, IndexError, KeyError) as e:
        raise Refused(errno.EBADMSG, f"{frame} cannot be unpacked: {e}", True)
