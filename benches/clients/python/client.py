"""The official Python client in the contest: one blocking call after the other, or so many chains of
futures as calls are in flight, each of which calls again when it is answered. See ../worker.rs for the
lines that are read and written."""

import sys
import threading
import time

import hazelcast

KEYS = ["key-%04d" % n for n in range(1000)]
VALUE = bytearray(b"\x07" * 64)


def work(numbers, operation, depth, seconds):
    call = numbers.get if operation == "get" else lambda key: numbers.put(key, VALUE)
    until = time.monotonic() + seconds
    if depth == 1:
        done = 0
        while time.monotonic() < until:
            assert len(call(KEYS[done % len(KEYS)]).result()) == 64
            done += 1
        return done

    counts, left, over = [0] * depth, [depth], threading.Event()

    def answered(n, future):
        assert len(future.result()) == 64
        counts[n] += 1
        if time.monotonic() < until:
            go_on(n)
        else:
            # Futures are completed by one thread.
            left[0] -= 1
            if left[0] == 0:
                over.set()

    def go_on(n):
        key = KEYS[(n * len(KEYS) // depth + counts[n]) % len(KEYS)]
        call(key).add_done_callback(lambda future: answered(n, future))

    for n in range(depth):
        go_on(n)
    over.wait()
    return sum(counts)


def main():
    client = hazelcast.HazelcastClient(cluster_members=[sys.argv[-1]])
    numbers = client.get_map("bench")
    print("ready", flush=True)
    for line in sys.stdin:
        operation, depth, seconds = line.split()
        work(numbers, operation, int(depth), float(seconds) / 10)
        began, before = time.monotonic(), time.process_time()
        done = work(numbers, operation, int(depth), float(seconds))
        took, cpu = time.monotonic() - began, time.process_time() - before
        print(done, int(took * 1e6), int(cpu * 1e6), flush=True)
    client.shutdown()


main()
