"""kafka-python as a peer: lists, produces, consumes and asks for offsets.

Used by the live tests against a real broker and against the embedded one. Prints JSON lines; keys and
values are text.

usage: kafka_client.py ADDRESS topics
       kafka_client.py ADDRESS create TOPIC PARTITIONS
       kafka_client.py ADDRESS produce TOPIC PARTITION COUNT [ACKS [CODEC]]     (records "key 0" -> "value 0", …)
       kafka_client.py ADDRESS consume TOPIC COUNT                      (all partitions, from the beginning)
       kafka_client.py ADDRESS offsets TOPIC
"""

import json
import logging
import sys
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic


def say(**line):
    print(json.dumps(line), flush=True)


def text(data):
    return None if data is None else data.decode("utf-8")


def topics(address):
    consumer = KafkaConsumer(bootstrap_servers=address)
    for topic in sorted(consumer.topics()):
        say(topic=topic, partitions=sorted(consumer.partitions_for_topic(topic) or ()))
    consumer.close()


def create(address, topic, partitions):
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic(topic, partitions, 1)])
    admin.close()
    # The broker answers before every listener knows the topic.
    consumer = KafkaConsumer(bootstrap_servers=address)
    deadline = time.monotonic() + 20
    while len(consumer.partitions_for_topic(topic) or ()) < partitions:
        if time.monotonic() > deadline:
            sys.exit("the topic did not appear")
        time.sleep(0.05)
    consumer.close()
    say(topic=topic, partitions=partitions)


def produce(address, topic, partition, count, acks="all", codec="none"):
    acks = acks if acks == "all" else int(acks)
    producer = KafkaProducer(bootstrap_servers=address, acks=acks, enable_idempotence=False, linger_ms=5,
                             compression_type=None if codec == "none" else codec)
    sent = [
        producer.send(topic, partition=partition, key=b"key %d" % i, value=b"value %d" % i,
                      headers=[("index", b"%d" % i)], timestamp_ms=1700000000000 + i)
        for i in range(count)
    ]
    producer.flush(timeout=30)
    for future in sent:
        metadata = future.get(timeout=30)
        say(partition=metadata.partition, offset=metadata.offset)
    producer.close()


def consume(address, topic, count):
    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False,
                             group_id=None, consumer_timeout_ms=20000)
    partitions = consumer.partitions_for_topic(topic) or ()
    consumer.assign([TopicPartition(topic, p) for p in sorted(partitions)])
    consumer.seek_to_beginning()
    for record in consumer:
        say(partition=record.partition, offset=record.offset, timestamp=record.timestamp, key=text(record.key),
            value=text(record.value), headers=[[name, text(value)] for name, value in record.headers])
        count -= 1
        if count == 0:
            break
    consumer.close()
    if count > 0:
        sys.exit("%d records are missing" % count)


def offsets(address, topic):
    consumer = KafkaConsumer(bootstrap_servers=address, group_id=None)
    partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
    beginning = consumer.beginning_offsets(partitions)
    end = consumer.end_offsets(partitions)
    later = consumer.offsets_for_times({partition: 1700000000000 for partition in partitions})
    for partition in partitions:
        at = later[partition]
        say(partition=partition.partition, beginning=beginning[partition], end=end[partition],
            at_time=None if at is None else at.offset)
    consumer.close()


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    address, command, *rest = sys.argv[1:]
    if command == "topics":
        topics(address)
    elif command == "create":
        create(address, rest[0], int(rest[1]))
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
