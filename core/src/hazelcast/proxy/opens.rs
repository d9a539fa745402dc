//! [`Opens`]: how an answer is read as the type that a method returns.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::Str;
use crate::call::Unopened;
use crate::hazelcast::message::map;
use crate::hazelcast::query::{Anchor, Iteration, Page};
use crate::hazelcast::serialization::{Codec, Read};
use crate::hazelcast::{Data, Hazelcast};

/// A type that an answer with such a body is read as.
pub(super) trait Opens<B>: Sized {
    fn open(body: B, codec: &Codec) -> Result<Self, Unopened<Hazelcast>>;
}

/// Bodies that are what they are.
macro_rules! plain {
    ($($body:ty as $type:ty: $open:expr;)*) => {$(
        impl Opens<$body> for $type {
            fn open(body: $body, _: &Codec) -> Result<Self, Unopened<Hazelcast>> {
                Ok($open(body))
            }
        }
    )*};
}

plain! {
    () as (): |()| ();
    bool as bool: |is: bool| is;
    i32 as usize: |count: i32| usize::try_from(count).unwrap_or(0);
    Str as Str: |text: Str| text.detached();
    // What is said and not asked for.
    bool as (): |_| ();
    Option<Data> as (): |_| ();
}

/// What the protocol's null is read as, if it is read: an object of type 0.
static NULL: Data = Data::new(Bytes::from_static(&[0; 8]));

/// A value, or null where the type can be that.
impl<T: Read> Opens<Option<Data>> for T {
    fn open(body: Option<Data>, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        codec.open(body.as_ref().unwrap_or(&NULL))
    }
}

impl<T: Read> Opens<Vec<Data>> for Vec<T> {
    fn open(body: Vec<Data>, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        body.iter().map(|item| codec.open(item)).collect()
    }
}

impl<T: Read> Opens<Vec<Option<Data>>> for Vec<T> {
    fn open(body: Vec<Option<Data>>, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        body.into_iter().map(|item| T::open(item, codec)).collect()
    }
}

impl<K: Read, V: Read> Opens<Vec<(Data, Data)>> for Vec<(K, V)> {
    fn open(body: Vec<(Data, Data)>, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        body.iter().map(|(key, value)| Ok((codec.open(key)?, codec.open(value)?))).collect()
    }
}

macro_rules! pages {
    ($($response:ident: $iteration:ident;)*) => {$(
        impl<T> Opens<map::$response> for Page<T>
        where
            Vec<T>: Opens<pages!(@$iteration)>,
        {
            fn open(body: map::$response, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
                let anchors = Anchor::list(&body.anchor_data_list)?;
                let items = Opens::open(body.response, codec)?;
                Ok(Self { items, iteration: Iteration::$iteration, anchors })
            }
        }
    )*};
    (@Entries) => { Vec<(Data, Data)> };
    (@$one:ident) => { Vec<Data> };
}

pages! {
    KeySetWithPagingPredicateResponse: Keys;
    ValuesWithPagingPredicateResponse: Values;
    EntriesWithPagingPredicateResponse: Entries;
}

/// What the parts of an answer are put together as.
pub(super) trait Gathers: Default {
    fn gather(&mut self, part: Self);
}

impl Gathers for () {
    fn gather(&mut self, (): ()) {}
}

impl<T> Gathers for Vec<T> {
    fn gather(&mut self, part: Self) {
        self.extend(part);
    }
}
