//! The kinds of collections that Java has, each with a type id of its own.

use crate::hazelcast::serialization::TypeId;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident { $first:ident $first_id:ident, $($name:ident $id:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        #[allow(missing_docs, reason = "the names are Java's")]
        pub enum $kind {
            #[default]
            $first,
            $($name,)*
        }

        impl $kind {
            /// The type id that it has.
            pub const fn type_id(self) -> TypeId {
                match self {
                    Self::$first => TypeId::$first_id,
                    $(Self::$name => TypeId::$id,)*
                }
            }

            /// The kind that has this type id.
            pub const fn of(id: TypeId) -> Option<Self> {
                match id {
                    TypeId::$first_id => Some(Self::$first),
                    $(TypeId::$id => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    )*};
}

kinds! {
    /// Java's lists, and Object[].
    ListKind {
        ArrayList ARRAY_LIST,
        LinkedList LINKED_LIST,
        CopyOnWriteArrayList COPY_ON_WRITE_LIST,
        Array OBJECT_ARRAY,
    }
    /// Java's sets.
    SetKind {
        HashSet HASH_SET,
        LinkedHashSet LINKED_HASH_SET,
        CopyOnWriteArraySet COPY_ON_WRITE_SET,
        TreeSet TREE_SET,
        ConcurrentSkipListSet SKIP_LIST_SET,
    }
    /// Java's queues.
    QueueKind {
        ArrayDeque ARRAY_DEQUE,
        LinkedBlockingQueue LINKED_BLOCKING_QUEUE,
        ArrayBlockingQueue ARRAY_BLOCKING_QUEUE,
        PriorityBlockingQueue PRIORITY_BLOCKING_QUEUE,
        DelayQueue DELAY_QUEUE,
        SynchronousQueue SYNCHRONOUS_QUEUE,
        LinkedTransferQueue LINKED_TRANSFER_QUEUE,
        PriorityQueue PRIORITY_QUEUE,
    }
    /// Java's maps.
    MapKind {
        HashMap HASH_MAP,
        LinkedHashMap LINKED_HASH_MAP,
        ConcurrentHashMap CONCURRENT_HASH_MAP,
        TreeMap TREE_MAP,
        ConcurrentSkipListMap SKIP_LIST_MAP,
    }
    /// Java's entries.
    EntryKind {
        SimpleEntry SIMPLE_ENTRY,
        SimpleImmutableEntry IMMUTABLE_ENTRY,
    }
}
