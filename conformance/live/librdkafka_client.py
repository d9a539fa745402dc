"""librdkafka as a peer, by its Python binding: the same commands, and the same lines, as kafka_client.py.

usage: librdkafka_client.py ADDRESS topics
       librdkafka_client.py ADDRESS produce TOPIC PARTITION COUNT [ACKS [CODEC]]   (records "key 0" -> "value 0", …)
       librdkafka_client.py ADDRESS consume TOPIC COUNT                    (all partitions, from the beginning)
       librdkafka_client.py ADDRESS offsets TOPIC
"""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

TIMEOUT = 30


def say(**line):
    print(json.dumps(line), flush=True)


def text(data):
    return None if data is None else data.decode("utf-8")


def consumer(address):
    # The binding wants a name for a group, which nothing here joins.
    return Consumer({"bootstrap.servers": address, "group.id": "none", "enable.auto.commit": False})


def partitions(client, topic):
    return sorted(client.list_topics(topic, timeout=TIMEOUT).topics[topic].partitions)


def topics(address):
    client = consumer(address)
    for name, topic in sorted(client.list_topics(timeout=TIMEOUT).topics.items()):
        say(topic=name, partitions=sorted(topic.partitions))
    client.close()


def produce(address, topic, partition, count, acks="all", codec="none"):
    producer = Producer({"bootstrap.servers": address, "acks": acks, "linger.ms": 5, "compression.type": codec})
    failed = []

    def on_delivery(error, message):
        if error is not None:
            failed.append(str(error))
        else:
            say(partition=message.partition(), offset=message.offset())

    for i in range(count):
        producer.produce(topic, partition=partition, key=b"key %d" % i, value=b"value %d" % i,
                         headers=[("index", b"%d" % i)], timestamp=1700000000000 + i, on_delivery=on_delivery)
    if producer.flush(TIMEOUT) or failed:
        sys.exit("not delivered: %s" % failed)


def consume(address, topic, count):
    client = consumer(address)
    client.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions(client, topic)])
    while count > 0:
        record = client.poll(TIMEOUT)
        if record is None:
            sys.exit("%d records are missing" % count)
        if record.error():
            sys.exit(str(record.error()))
        say(partition=record.partition(), offset=record.offset(), timestamp=record.timestamp()[1],
            key=text(record.key()), value=text(record.value()),
            headers=[[name, text(value)] for name, value in record.headers() or []])
        count -= 1
    client.close()


def offsets(address, topic):
    client = consumer(address)
    for partition in partitions(client, topic):
        beginning, end = client.get_watermark_offsets(TopicPartition(topic, partition), timeout=TIMEOUT)
        asked = [TopicPartition(topic, partition, 1700000000000)]
        found = client.offsets_for_times(asked, timeout=TIMEOUT)[0].offset
        # Where no record is as late, the binding says the end, or less than nothing.
        say(partition=partition, beginning=beginning, end=end, at_time=found if 0 <= found < end else None)
    client.close()


def main():
    address, command, *rest = sys.argv[1:]
    if command == "topics":
        topics(address)
    elif command == "produce":
        produce(address, rest[0], int(rest[1]), int(rest[2]), *rest[3:])
    elif command == "consume":
        consume(address, rest[0], int(rest[1]))
    elif command == "offsets":
        offsets(address, rest[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
