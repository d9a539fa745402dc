//! What decides the partition of a key.

use super::data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::*;
use crate::partition::hazelcast_partition;

struct Key<T>(T);

impl<T: Write> Write for Key<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.object("key")
    }
    fn partition_key(&self) -> Option<&dyn Write> {
        Some(&self.0)
    }
}

#[test]
fn a_partition_key_decides_the_hash() {
    let codec = Codec::default();
    let hash = |key: &dyn Write| codec.to_data(key).unwrap().partition_hash();
    // As Java hashes "b": 0x3a717577.
    let key = codec.to_data(&Key("b")).unwrap();
    assert_eq!(&key.bytes()[..4], [0x3a, 0x71, 0x75, 0x77]);
    assert_eq!(hash(&Key("b")), hash(&"b"));
    // What has been serialized before counts as it is.
    assert_eq!(hash(&Key(codec.to_data("b").unwrap())), hash(&"b"));
    // A partition key's own partition key doesn't count; null counts as none.
    assert_eq!(hash(&Key(Key("b"))), hash(&"key"));
    assert_eq!(hash(&Key(None::<i32>)), hash(&"key"));
    assert_eq!(codec.to_data(&Key(None::<i32>)).unwrap().bytes()[..4], [0; 4]);
    // Any way to hold it.
    assert_eq!(hash(&Some(&Key("b"))), hash(&"b"));
    assert_eq!(hash(&alloc::boxed::Box::new(Key("b"))), hash(&"b"));
}

#[test]
fn text_after_an_at_decides_the_hash() {
    let codec = Codec::default();
    let key = codec.to_data(&AtKey::new("a@b")).unwrap();
    // As Java writes it with its StringPartitioningStrategy.
    assert_eq!(key.bytes(), data("3a717577 fffffff5 00000003 614062").bytes());
    let hash = |text: &str| codec.to_data(text).unwrap().partition_hash();
    for (text, decides) in [("a", "a"), ("a@", ""), ("@a", "a"), ("a@b@c", "b@c")] {
        let key = codec.to_data(&AtKey::new(text)).unwrap();
        assert_eq!(key.partition_hash(), hash(decides), "{text}");
        assert_eq!(key, codec.to_data(text).unwrap(), "it is text all the same");
        assert_eq!(codec.to_value::<AtKey>(&key).unwrap().as_str(), text);
    }
    // Without a strategy, it is text.
    assert_eq!(codec.to_data("a@b").unwrap().bytes()[..4], [0; 4]);
}

/// The four keys that Python's and Node's clients send to another partition than members do.
#[test]
fn keys_with_the_smallest_hash_are_in_the_first_partition() {
    let codec = Codec::default();
    for key in [
        codec.to_data(&1611540325i32).unwrap(),
        codec.to_data(&1676864925i64).unwrap(),
        codec.to_data(&4309324044i64).unwrap(),
        codec.to_data("2244756867").unwrap(),
    ] {
        assert_eq!(key.partition_hash(), i32::MIN);
        assert_eq!(hazelcast_partition(key.partition_hash(), 271), 0);
    }
}
