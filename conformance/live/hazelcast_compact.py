"""The official Hazelcast client as a peer for compact records.

Writes the records of records.jsonl, and reads them by the names that it knows from there, whichever of the
schemas each was written with. Prints JSON lines of the same form: a field is [kind, value]; floating point
is the hex of its bits, a decimal [unscaled, scale], a date [year, month, day], a time [hour, minute, second,
nanosecond], a timestamp both, and the offset in seconds after them where there is one.

usage: hazelcast_compact.py ADDRESS[,ADDRESS…] write MAP RECORDS_FILE
       hazelcast_compact.py ADDRESS[,ADDRESS…] read MAP RECORDS_FILE KEY…
"""

import datetime
import decimal
import json
import logging
import struct
import sys

import hazelcast
from hazelcast.serialization.api import CompactSerializer, FieldKind


class Record:
    def __init__(self, fields):
        self.fields = fields


class Employee(Record):
    pass


class Person(Record):
    pass


TYPES = {"employee": Employee, "person": Person}


def zone(seconds):
    return datetime.timezone(datetime.timedelta(seconds=seconds))


def to_one(kind, value):
    if value is None:
        return None
    if kind == "float32":
        return struct.unpack(">f", bytes.fromhex(value))[0]
    if kind == "float64":
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if kind == "decimal":
        return decimal.Decimal(value[0]).scaleb(-value[1])
    if kind == "date":
        return datetime.date(*value)
    if kind == "time":
        return datetime.time(*value[:3], value[3] // 1000)
    if kind == "timestamp":
        return datetime.datetime(*value[:6], value[6] // 1000)
    if kind == "timestamp_with_timezone":
        return datetime.datetime(*value[:6], value[6] // 1000, zone(value[7]))
    if kind == "compact":
        return TYPES[value["type"]](value["fields"])
    return value


def from_one(kind, value):
    if value is None:
        return None
    if kind == "float32":
        return struct.pack(">f", value).hex()
    if kind == "float64":
        return struct.pack(">d", value).hex()
    if kind == "decimal":
        sign, digits, exponent = value.as_tuple()
        unscaled = int("".join(map(str, digits)))
        return [-unscaled if sign else unscaled, -exponent]
    if kind == "date":
        return [value.year, value.month, value.day]
    if kind == "time":
        return [value.hour, value.minute, value.second, value.microsecond * 1000]
    if kind.startswith("timestamp"):
        moment = [value.year, value.month, value.day, value.hour, value.minute, value.second,
                  value.microsecond * 1000]
        return moment if kind == "timestamp" else moment + [int(value.utcoffset().total_seconds())]
    if kind == "compact":
        return {"type": next(name for name, of in TYPES.items() if of is type(value)), "fields": value.fields}
    return value


def convert(one, kind, value):
    if kind.startswith("array_of_"):
        of = kind[len("array_of_"):].replace("nullable_", "", 1)
        return None if value is None else [one(of, item) for item in value]
    return one(kind.replace("nullable_", "", 1), value)


class Serializer(CompactSerializer):
    def __init__(self, type_name, names):
        self.type_name = type_name
        self.names = names

    def get_type_name(self):
        return self.type_name

    def get_class(self):
        return TYPES[self.type_name]

    def write(self, writer, record):
        for name, (kind, value) in record.fields.items():
            getattr(writer, "write_" + kind)(name, convert(to_one, kind, value))

    def read(self, reader):
        fields = {}
        for name in sorted(self.names):
            field_kind = reader.get_field_kind(name)
            if field_kind == FieldKind.NOT_AVAILABLE:
                continue
            kind = field_kind.name.lower()
            fields[name] = [kind, convert(from_one, kind, getattr(reader, "read_" + kind)(name))]
        return TYPES[self.type_name](fields)


def connect(addresses, names):
    return hazelcast.HazelcastClient(
        cluster_members=addresses,
        cluster_name="dev",
        cluster_connect_timeout=20,
        compact_serializers=[Serializer("employee", names), Serializer("person", {"n"})],
    )


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    addresses, command, name, file, *keys = sys.argv[1:]
    with open(file, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    names = {field for record in records for field in record["fields"]}
    addresses = addresses.split(",")
    if command == "write":
        # A client settles on one schema for a class, so that each of the three has one of its own.
        for record in records:
            client = connect(addresses, names)
            client.get_map(name).blocking().set(record["key"], TYPES[record["type"]](record["fields"]))
            client.shutdown()
    elif command == "read":
        client = connect(addresses, names)
        entries = client.get_map(name).blocking()
        for key in keys:
            print(json.dumps({"key": key, **from_one("compact", entries.get(key))}), flush=True)
        client.shutdown()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
