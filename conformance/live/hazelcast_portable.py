"""The official Hazelcast client as a peer for portable records.

Reads the record that is stored under "ours", prints its fields as a line of JSON, and stores what it has
read under "theirs": written by this client, with a field of each type.

usage: hazelcast_portable.py ADDRESS[,ADDRESS…] MAP
"""

import datetime
import decimal
import json
import logging
import sys

import hazelcast
from hazelcast.serialization.api import Portable

KINDS = ("boolean", "byte", "char", "short", "int", "long", "float", "double", "string", "decimal", "time",
         "date", "timestamp", "timestamp_with_timezone")


class Inner(Portable):
    def __init__(self, n=None):
        self.n = n

    def get_factory_id(self):
        return 1

    def get_class_id(self):
        return 2

    def write_portable(self, writer):
        writer.write_int("n", self.n)

    def read_portable(self, reader):
        self.n = reader.read_int("n")


class Everything(Portable):
    def get_factory_id(self):
        return 1

    def get_class_id(self):
        return 1

    def write_portable(self, writer):
        for kind in KINDS:
            getattr(writer, "write_" + kind)(kind, self.fields[kind])
            getattr(writer, f"write_{kind}_array")(kind + "s", self.fields[kind + "s"])
        writer.write_portable("inner", self.fields["inner"])
        writer.write_null_portable("nothing", 1, 2)
        writer.write_portable_array("inners", self.fields["inners"])
        writer.get_raw_data_output().write_int(self.fields["raw"])

    def read_portable(self, reader):
        fields = {}
        for kind in KINDS:
            fields[kind] = getattr(reader, "read_" + kind)(kind)
            fields[kind + "s"] = getattr(reader, f"read_{kind}_array")(kind + "s")
        fields["inner"] = reader.read_portable("inner")
        fields["nothing"] = reader.read_portable("nothing")
        fields["inners"] = reader.read_portable_array("inners")
        fields["raw"] = reader.get_raw_data_input().read_int()
        self.fields = fields


def plain(value):
    if isinstance(value, (list, tuple, bytearray)):
        return [plain(item) for item in value]
    if isinstance(value, Inner):
        return {"n": value.n}
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    addresses, name = sys.argv[1:]
    client = hazelcast.HazelcastClient(
        cluster_members=addresses.split(","),
        cluster_name="dev",
        cluster_connect_timeout=20,
        portable_version=3,
        portable_factories={1: {1: Everything, 2: Inner}},
    )
    entries = client.get_map(name).blocking()
    record = entries.get("ours")
    print(json.dumps({field: plain(value) for field, value in record.fields.items()}), flush=True)
    entries.set("theirs", record)
    client.shutdown()


if __name__ == "__main__":
    main()
