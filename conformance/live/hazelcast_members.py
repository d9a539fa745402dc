"""The official Python client on a cluster: a near cache, queries, and a member that goes.

Every result is checked here, so a run that ends with "ok" is the proof. Prints JSON lines. Once MAP-ready has
an entry, some member may end; the script waits until the client has seen that.

usage: hazelcast_members.py ADDRESS[,ADDRESS…] MAP
"""

import json
import logging
import sys
import time

import hazelcast
from hazelcast.core import HazelcastJsonValue
from hazelcast.predicate import between, equal, greater_or_equal, like, paging, sql


def say(**line):
    print(json.dumps(line), flush=True)


def expect(what, found, wanted):
    if found != wanted:
        sys.exit("%s: found %r, expected %r" % (what, found, wanted))
    say(operation=what)


def until(what, holds):
    end = time.monotonic() + 20
    while not holds():
        if time.monotonic() > end:
            sys.exit("%s: it never came" % what)
        time.sleep(0.02)
    say(operation=what)


def connect(addresses, **more):
    return hazelcast.HazelcastClient(
        cluster_members=addresses, cluster_name="dev", cluster_connect_timeout=20, connection_timeout=60, **more
    )


def near(addresses, client, name):
    entries = client.get_map(name).blocking()
    entries.put("k", 1)
    # Only after that: its invalidation could come while the first read is under way, which then isn't kept.
    other = connect(addresses, near_caches={name: {"invalidate_on_change": True}})
    proxy = other.get_map(name)
    cached = proxy.blocking()
    expect("a miss", cached.get("k"), 1)
    expect("a hit", cached.get("k"), 1)
    statistics = proxy._near_cache.get_statistics()
    expect("statistics", (statistics["hits"], statistics["misses"]), (1, 1))
    entries.put("k", 2)
    until("invalidation of a key", lambda: cached.get("k") == 2)
    entries.put("l", 1)
    cached.get("l")
    entries.clear()
    until("invalidation of all", lambda: cached.get("k") is None and cached.get("l") is None)
    other.shutdown()


def queries(client, name):
    entries = client.get_map(name).blocking()
    entries.put_all({n: HazelcastJsonValue({"name": "n%d" % n, "age": n, "at": {"zip": [n, 7]}}) for n in range(50)})
    ages = lambda found: sorted(json.loads(value.to_string())["age"] for value in found)
    expect("equal", ages(entries.values(equal("age", 7))), [7])
    expect("between", ages(entries.values(between("age", 3, 5))), [3, 4, 5])
    expect("like", ages(entries.values(like("name", "n1_"))), list(range(10, 20)))
    expect("nested", ages(entries.values(equal("at.zip[0]", 9))), [9])
    expect("any", len(entries.values(equal("at.zip[any]", 7))), 50)
    expect("keys", sorted(entries.key_set(greater_or_equal("__key", 48))), [48, 49])
    expect("sql", ages(entries.values(sql("age in (1, 2) or name = 'n3'"))), [1, 2, 3])
    page = paging(greater_or_equal("this", 10), 4)
    numbers = client.get_map(name + "-numbers").blocking()
    numbers.put_all({n: n for n in range(20)})
    expect("a page", numbers.values(page), [10, 11, 12, 13])
    page.next_page()
    expect("the next page", numbers.values(page), [14, 15, 16, 17])


def survive(client, name):
    entries = client.get_map(name + "-kept").blocking()
    many = {n: n for n in range(300)}
    entries.put_all(many)
    client.get_map(name + "-ready").blocking().put("ready", 1)
    # Its connection after that: what is under way there then isn't asked again.
    until("a member goes", lambda: len(client.cluster_service.get_members()) == 2)
    until("its connection goes", lambda: len(client._connection_manager.active_connections) == 2)
    expect("what it had is there", entries.get_all(list(many)), many)
    expect("and is counted", entries.size(), 300)


def main():
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    addresses, name = sys.argv[1].split(","), sys.argv[2]
    client = connect(addresses)
    near(addresses, client, name + "-near")
    queries(client, name + "-queried")
    survive(client, name)
    client.shutdown()
    say(ok=True)


if __name__ == "__main__":
    main()
