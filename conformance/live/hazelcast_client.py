"""The official Hazelcast client as a peer: writes and reads known values, and tries each map operation.

Used by the live tests against real members and against the embedded one. Prints JSON lines. A value is
{"kind": …, "value": …}, as in values.jsonl: bytes as hex, float and double as the hex of their bits, so
that both sides compare them exactly, big numbers as the hex of their two's complement, dates and times as
their parts; `kind` is the type id on the wire, not Python's idea of the type.

usage: hazelcast_client.py ADDRESS[,ADDRESS…] write MAP VALUES_FILE
       hazelcast_client.py ADDRESS[,ADDRESS…] read MAP KEY…          (no key: all)
       hazelcast_client.py ADDRESS[,ADDRESS…] operations MAP
       hazelcast_client.py ADDRESS[,ADDRESS…] listen MAP COUNT       (prints "ready", then COUNT events)
"""

import datetime
import decimal
import json
import logging
import struct
import sys
import threading
import time
import uuid

import hazelcast
from hazelcast.config import IntType
from hazelcast.core import HazelcastJsonValue
from hazelcast.serialization.service import SerializationServiceV1

KINDS = {0: "null", -3: "byte", -4: "boolean", -6: "short", -7: "int", -8: "long", -9: "float", -10: "double",
         -11: "string", -12: "bytes", -29: "list", -130: "json", -5: "char", -13: "booleans", -14: "chars",
         -15: "shorts", -16: "ints", -17: "longs", -18: "floats", -19: "doubles", -20: "strings", -21: "uuid",
         -24: "class", -26: "biginteger", -27: "bigdecimal", -28: "array", -30: "linkedlist", -51: "date",
         -52: "time", -53: "datetime", -54: "offsetdatetime"}
INTS = {"byte": IntType.BYTE, "short": IntType.SHORT, "int": IntType.INT, "long": IntType.LONG,
        "biginteger": IntType.BIG_INT}
LISTS = ("list", "array", "linkedlist")


class Typed:
    """A value with the type id that it had on the wire."""

    def __init__(self, type_id, value):
        self.type_id = type_id
        self.value = value


def keep_type_ids():
    """Makes the client hand out `Typed` values, items of lists included: Python has one int for four kinds."""
    to_object = SerializationServiceV1.to_object
    read_object = SerializationServiceV1.read_object

    def typed_to_object(self, data):
        value = to_object(self, data)
        return Typed(data.get_type(), value) if hasattr(data, "get_type") else value

    def typed_read_object(self, inp):
        at = inp.position()
        type_id = inp.read_int()
        inp.set_position(at)
        return Typed(type_id, read_object(self, inp))

    SerializationServiceV1.to_object = typed_to_object
    SerializationServiceV1.read_object = typed_read_object


def big_hex(number):
    length = (number if number >= 0 else number + 1).bit_length() // 8 + 1
    return number.to_bytes(length, "big", signed=True).hex()


def from_big_hex(text):
    return int.from_bytes(bytes.fromhex(text), "big", signed=True)


def date_parts(date):
    return [date.year, date.month, date.day]


def time_parts(time):
    return [time.hour, time.minute, time.second, time.microsecond * 1000]


def describe(typed):
    """A value as it stands in values.jsonl."""
    if typed is None:
        return {"kind": "null", "value": None}
    if not isinstance(typed, Typed):
        return {"kind": "untyped", "value": repr(typed)}
    kind = KINDS.get(typed.type_id, "type %d" % typed.type_id)
    value = typed.value
    if kind == "float":
        value = struct.pack(">f", value).hex()
    elif kind == "double":
        value = struct.pack(">d", value).hex()
    elif kind == "bytes":
        value = bytes(b & 0xFF for b in value).hex()
    elif kind in LISTS:
        value = [describe(item) for item in value]
    elif kind == "biginteger":
        value = big_hex(value)
    elif kind == "bigdecimal":
        sign, digits, exponent = value.as_tuple()
        unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
        value = {"unscaled": big_hex(unscaled), "scale": -exponent}
    elif kind == "date":
        value = date_parts(value)
    elif kind == "time":
        value = time_parts(value)
    elif kind == "datetime":
        value = date_parts(value) + time_parts(value)
    elif kind == "offsetdatetime":
        value = date_parts(value) + time_parts(value) + [int(value.utcoffset().total_seconds())]
    elif kind == "json":
        value = value.to_string()
    elif kind == "uuid":
        value = str(value)
    elif kind == "char":
        value = ord(value)
    elif kind == "chars":
        value = [ord(item) for item in value]
    elif kind == "floats":
        value = [struct.pack(">f", item).hex() for item in value]
    elif kind == "doubles":
        value = [struct.pack(">d", item).hex() for item in value]
    return {"kind": kind, "value": value}


def build(described):
    """The Python value for one of values.jsonl, or None with a reason why this client can't write it."""
    kind, value = described["kind"], described["value"]
    if kind == "float":
        raise ValueError("the client writes every Python float as a double")
    if kind == "char" or kind in ("booleans", "chars", "shorts", "ints", "longs", "floats", "doubles", "strings"):
        raise ValueError("the client writes no array but bytes, and no character")
    if kind in ("class", "array", "linkedlist", "datetime"):
        raise ValueError("the client reads that and doesn't write it")
    if kind == "uuid":
        return uuid.UUID(value)
    if kind == "biginteger":
        return from_big_hex(value)
    if kind == "bigdecimal":
        unscaled = from_big_hex(value["unscaled"])
        digits = tuple(map(int, str(abs(unscaled))))
        return decimal.Decimal((int(unscaled < 0), digits, -value["scale"]))
    if kind == "date":
        return datetime.date(*value)
    if kind == "time":
        return datetime.time(*value[:3], value[3] // 1000)
    if kind == "offsetdatetime":
        zone = datetime.timezone(datetime.timedelta(seconds=value[7]))
        return datetime.datetime(*value[:6], value[6] // 1000, tzinfo=zone)
    if kind == "byte":
        return value % 256  # the client takes bytes from 0 to 255, and reads them from -128 to 127
    if kind == "double":
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if kind == "bytes":
        return bytearray.fromhex(value)
    if kind == "list":
        return [build(item) for item in value]
    if kind == "json":
        return HazelcastJsonValue(value)
    return value


def int_kinds(described):
    """Which integer kinds a value holds: a client writes all Python ints as one of them."""
    if described["kind"] in LISTS:
        return set().union(*[int_kinds(item) for item in described["value"]])
    return {described["kind"]} & INTS.keys()


def connect(addresses, int_type=IntType.INT):
    return hazelcast.HazelcastClient(
        cluster_members=addresses,
        cluster_name="dev",
        cluster_connect_timeout=20,
        connection_timeout=60,
        default_int_type=int_type,
    )


def say(**line):
    print(json.dumps(line), flush=True)


def write(addresses, name, values_file):
    with open(values_file, encoding="utf-8") as lines:
        values = [json.loads(line) for line in lines if line.strip()]
    clients = {}
    for entry in values:
        kinds = int_kinds(entry) or {"int"}
        if entry["kind"] == "null":
            say(key=entry["key"], skipped="a map has no null values")
            continue
        try:
            value = build(entry)
        except ValueError as reason:
            say(key=entry["key"], skipped=str(reason))
            continue
        if len(kinds) > 1:
            say(key=entry["key"], skipped="more than one kind of integer")
            continue
        kind = kinds.pop()
        if kind not in clients:
            clients[kind] = connect(addresses, INTS[kind])
        clients[kind].get_map(name).blocking().set(entry["key"], value)
        say(key=entry["key"], kind=entry["kind"], value=entry["value"])
    for client in clients.values():
        client.shutdown()


def read(addresses, name, keys):
    keep_type_ids()
    client = connect(addresses)
    entries = client.get_map(name).blocking()
    if not keys:
        keys = sorted(key.value for key in entries.key_set())
    for key in keys:
        say(key=key, **describe(entries.get(key)))
    client.shutdown()


def event_line(event):
    kinds = {1: "added", 2: "removed", 4: "updated", 8: "evicted", 16: "expired", 32: "evict_all", 64: "clear_all",
             128: "merged", 256: "invalidated", 512: "loaded"}
    return {"event": kinds.get(event.event_type, event.event_type), "key": event.key, "value": event.value,
            "old_value": event.old_value, "affected": event.number_of_affected_entries}


def listen(addresses, name, count):
    client = connect(addresses)
    done = threading.Event()
    seen = []

    def on_event(event):
        say(**event_line(event))
        seen.append(event)
        if len(seen) >= count:
            done.set()

    client.get_map(name).blocking().add_entry_listener(
        include_value=True, added_func=on_event, removed_func=on_event, updated_func=on_event, clear_all_func=on_event
    )
    print("ready", flush=True)
    if not done.wait(120):
        sys.exit("only %d of %d events" % (len(seen), count))
    client.shutdown()


def operations(addresses, name):
    """Each operation once; every result is checked here, so a run that ends with "ok" is the proof."""
    client = connect(addresses)
    entries = client.get_map(name).blocking()
    events = []
    more = threading.Condition()

    def on_event(event):
        with more:
            events.append(event_line(event))
            more.notify()

    def expect(what, found, wanted):
        if found != wanted:
            sys.exit("%s: found %r, expected %r" % (what, found, wanted))
        say(operation=what)

    registration = entries.add_entry_listener(
        include_value=True, added_func=on_event, removed_func=on_event, updated_func=on_event, clear_all_func=on_event
    )
    expect("put of a new key", entries.put("a", 1), None)
    expect("put of an old key", entries.put("a", 2), 1)
    expect("get", entries.get("a"), 2)
    expect("get of nothing", entries.get("nothing"), None)
    entries.set("b", "two")
    expect("set", entries.get("b"), "two")
    expect("contains_key", entries.contains_key("b"), True)
    expect("contains_key of nothing", entries.contains_key("nothing"), False)
    expect("remove", entries.remove("b"), "two")
    expect("remove of nothing", entries.remove("b"), None)
    entries.delete("a")
    expect("delete", entries.get("a"), None)
    many = {"key %d" % i: i for i in range(300)}
    entries.put_all(many)
    expect("put_all and size", entries.size(), 300)
    expect("get_all", entries.get_all(list(many)), many)
    expect("get_all of some", entries.get_all(["key 1", "nothing"]), {"key 1": 1})
    # Members tell each other of it, and any of them may be asked.
    end = time.monotonic() + 60
    while name not in [o.name for o in client.get_distributed_objects()]:
        if time.monotonic() > end:
            sys.exit("it is not among the distributed objects")
        time.sleep(0.02)
    say(operation="is among the distributed objects")
    entries.clear()
    expect("clear", entries.size(), 0)
    # put 2, set 1, remove 1, delete 1, put_all 300, clear 1
    with more:
        more.wait_for(lambda: len(events) >= 306, timeout=60)
    expect("number of events", len(events), 306)
    # A member leaves out what `delete` removed.
    of_a = [(e["event"], e["value"], e["old_value"]) for e in events if e["key"] == "a"]
    expect("events of one key", of_a, [("added", 1, None), ("updated", 2, 1), ("removed", None, None)])
    of_b = [(e["event"], e["value"], e["old_value"]) for e in events if e["key"] == "b"]
    expect("events of another", of_b, [("added", "two", None), ("removed", None, "two")])
    cleared = [e for e in events if e["event"] == "clear_all"]
    expect("clear's event", [e["affected"] for e in cleared], [300])
    expect("remove_entry_listener", entries.remove_entry_listener(registration), True)
    entries.destroy()
    client.shutdown()
    say(ok=True)


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    addresses, command, name, *rest = sys.argv[1:]
    addresses = addresses.split(",")
    if command == "write":
        write(addresses, name, *rest)
    elif command == "read":
        read(addresses, name, rest)
    elif command == "operations":
        operations(addresses, name)
    elif command == "listen":
        listen(addresses, name, int(rest[0]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
