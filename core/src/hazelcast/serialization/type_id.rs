//! [`TypeId`]: which serializer wrote an object.

use core::fmt;

/// The number before an object's payload. Built-in types are negative, custom ones positive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub i32);

macro_rules! types {
    ($($id:literal $name:ident $text:literal)*) => {
        #[allow(missing_docs, reason = "the names are Java's")]
        impl TypeId {
            $(pub const $name: Self = Self($id);)*

            /// What it is called, in Java's words.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($id => $text,)*
                    1.. => "a custom type",
                    -299..=-200 => "a Hibernate cache entry",
                    -399..=-300 => "a Jet value",
                    _ => "an unknown type",
                }
            }
        }
    };
}

types! {
    0 NULL "null"
    -1 PORTABLE "Portable"
    -2 IDENTIFIED "IdentifiedDataSerializable"
    -3 BYTE "Byte"
    -4 BOOLEAN "Boolean"
    -5 CHAR "Character"
    -6 SHORT "Short"
    -7 INTEGER "Integer"
    -8 LONG "Long"
    -9 FLOAT "Float"
    -10 DOUBLE "Double"
    -11 STRING "String"
    -12 BYTE_ARRAY "byte[]"
    -13 BOOLEAN_ARRAY "boolean[]"
    -14 CHAR_ARRAY "char[]"
    -15 SHORT_ARRAY "short[]"
    -16 INT_ARRAY "int[]"
    -17 LONG_ARRAY "long[]"
    -18 FLOAT_ARRAY "float[]"
    -19 DOUBLE_ARRAY "double[]"
    -20 STRING_ARRAY "String[]"
    -21 UUID "UUID"
    -22 SIMPLE_ENTRY "SimpleEntry"
    -23 IMMUTABLE_ENTRY "SimpleImmutableEntry"
    -24 CLASS "Class"
    -25 DATE "Date"
    -26 BIG_INTEGER "BigInteger"
    -27 BIG_DECIMAL "BigDecimal"
    -28 OBJECT_ARRAY "Object[]"
    -29 ARRAY_LIST "ArrayList"
    -30 LINKED_LIST "LinkedList"
    -31 COPY_ON_WRITE_LIST "CopyOnWriteArrayList"
    -32 HASH_MAP "HashMap"
    -33 SKIP_LIST_MAP "ConcurrentSkipListMap"
    -34 CONCURRENT_HASH_MAP "ConcurrentHashMap"
    -35 LINKED_HASH_MAP "LinkedHashMap"
    -36 TREE_MAP "TreeMap"
    -37 HASH_SET "HashSet"
    -38 TREE_SET "TreeSet"
    -39 LINKED_HASH_SET "LinkedHashSet"
    -40 COPY_ON_WRITE_SET "CopyOnWriteArraySet"
    -41 SKIP_LIST_SET "ConcurrentSkipListSet"
    -42 ARRAY_DEQUE "ArrayDeque"
    -43 LINKED_BLOCKING_QUEUE "LinkedBlockingQueue"
    -44 ARRAY_BLOCKING_QUEUE "ArrayBlockingQueue"
    -45 PRIORITY_BLOCKING_QUEUE "PriorityBlockingQueue"
    -46 DELAY_QUEUE "DelayQueue"
    -47 SYNCHRONOUS_QUEUE "SynchronousQueue"
    -48 LINKED_TRANSFER_QUEUE "LinkedTransferQueue"
    -49 PRIORITY_QUEUE "PriorityQueue"
    -50 OPTIONAL "Optional"
    -51 LOCAL_DATE "LocalDate"
    -52 LOCAL_TIME "LocalTime"
    -53 LOCAL_DATE_TIME "LocalDateTime"
    -54 OFFSET_DATE_TIME "OffsetDateTime"
    -55 COMPACT "a compact record"
    -56 COMPACT_WITH_SCHEMA "a compact record with schema"
    -100 SERIALIZABLE "a Java Serializable"
    -101 EXTERNALIZABLE "a Java Externalizable"
    -102 BYTE_BUFFER "ByteBuffer"
    -110 CLR "a .NET object"
    -120 PICKLE "a Python pickle"
    -130 JSON "HazelcastJsonValue"
    -140 GOB "a Go gob"
}

impl TypeId {
    /// Whether a comparator stands before the elements.
    pub(super) const fn is_sorted(self) -> bool {
        matches!(
            self,
            Self::SKIP_LIST_MAP
                | Self::TREE_MAP
                | Self::TREE_SET
                | Self::SKIP_LIST_SET
                | Self::PRIORITY_BLOCKING_QUEUE
                | Self::PRIORITY_QUEUE
        )
    }

    /// Whether the reader of a type may leave bytes at its end unread.
    pub(super) const fn has_open_end(self) -> bool {
        !matches!(self.0, -56..=-3 | 0 | -102 | -130)
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (type {})", self.name(), self.0)
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
