//! How each field type is laid out: the traits behind every declaration.
//!
//! A type is [`Fixed`] (so many bytes, pooled in one frame) or [`Var`] (frames of its own). Lists
//! and lists of pairs choose their layout by what they hold:
//!
//! ```text
//! Vec<i64>, Vec<(i32, Uuid)>   one frame: items, or pairs, one after another
//! Vec<Str>                     BEGIN, an item's frames each, END; Vec<Option<Str>> with null frames
//! Vec<(Str, Data)>             BEGIN, key, value, key, value, …, END
//! Vec<(Uuid, Vec<i32>)>        BEGIN, the values, END, then one frame with the keys
//! ```
//!
//! A list that isn't there is an `Option<Vec<_>>`. Counts are never sent: they follow from lengths.

use alloc::vec::Vec;

use bytes::Bytes;

use super::data::Data;
use super::reader::{Failed, FrameReader};
use super::schema::Shape;
use super::uuid::Uuid;
use super::writer::FrameWriter;
use crate::{Fault, Str};

/// The layout of [`Fixed`] types.
#[derive(Debug)]
pub enum Pooled {}

/// The layout of [`Var`] types.
#[derive(Debug)]
pub enum Framed {}

/// The layout of pairs, which are only found in lists.
#[derive(Debug)]
pub enum Paired {}

/// Anything that a field or a list can hold.
pub trait Item: Sized {
    /// [`Pooled`], [`Framed`] or [`Paired`].
    type Layout;
    /// Its type, for descriptions.
    const SHAPE: Shape;
}

/// A value of a fixed number of bytes.
pub trait Fixed: Item<Layout = Pooled> {
    /// How many.
    const SIZE: usize;
    /// From exactly that many.
    fn take(bytes: &[u8]) -> Result<Self, Fault>;
    /// To exactly that many.
    fn put(&self, to: &mut FrameWriter);
}

/// A value with frames of its own.
pub trait Var: Item<Layout = Framed> + Default {
    /// Reads its frames over the default.
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed>;
    /// Writes its frames.
    fn write(&self, to: &mut FrameWriter);
}

/// The layout of a list, by that of its items.
pub trait ListOf<T> {
    /// Reads the list's frames.
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<T>, Failed>;
    /// Writes the list's frames.
    fn write(items: &[T], to: &mut FrameWriter);
}

/// The layout of a list of pairs, by that of keys and values.
pub trait PairsOf<K, V> {
    /// Reads the list's frames.
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<(K, V)>, Failed>;
    /// Writes the list's frames.
    fn write(pairs: &[(K, V)], to: &mut FrameWriter);
}

const WRONG_SIZE: Fault = Fault::Other("a value of a fixed size has another size");

macro_rules! number {
    ($($type:ty, $shape:ident;)*) => {$(
        impl Item for $type {
            type Layout = Pooled;
            const SHAPE: Shape = Shape::$shape;
        }

        impl Fixed for $type {
            const SIZE: usize = size_of::<Self>();
            fn take(bytes: &[u8]) -> Result<Self, Fault> {
                bytes.try_into().map(Self::from_le_bytes).map_err(|_| WRONG_SIZE)
            }
            fn put(&self, to: &mut FrameWriter) {
                to.put(&self.to_le_bytes());
            }
        }
    )*};
}

number! {
    i8, Byte;
    i16, Short;
    i32, Int;
    i64, Long;
    f32, Float;
    f64, Double;
}

impl Item for bool {
    type Layout = Pooled;
    const SHAPE: Shape = Shape::Boolean;
}

impl Fixed for bool {
    const SIZE: usize = 1;
    fn take(bytes: &[u8]) -> Result<Self, Fault> {
        bytes.first().map(|byte| *byte != 0).ok_or(WRONG_SIZE)
    }
    fn put(&self, to: &mut FrameWriter) {
        to.put(&[u8::from(*self)]);
    }
}

impl Item for Uuid {
    type Layout = Pooled;
    const SHAPE: Shape = Shape::Uuid;
}

impl Fixed for Uuid {
    const SIZE: usize = 17;
    fn take(bytes: &[u8]) -> Result<Self, Fault> {
        <Option<Self> as Fixed>::take(bytes)?.ok_or(Fault::Null)
    }
    fn put(&self, to: &mut FrameWriter) {
        to.put(&[0]);
        to.put(&self.high.to_le_bytes());
        to.put(&self.low.to_le_bytes());
    }
}

impl Fixed for Option<Uuid> {
    const SIZE: usize = 17;
    fn take(bytes: &[u8]) -> Result<Self, Fault> {
        let bytes: &[u8; 17] = bytes.try_into().map_err(|_| WRONG_SIZE)?;
        let [null, halves @ ..] = bytes;
        let bits = u128::from_le_bytes(*halves);
        // Both halves are little-endian, the more significant one first.
        Ok((*null == 0).then_some(Uuid { high: bits as u64, low: (bits >> 64) as u64 }))
    }
    fn put(&self, to: &mut FrameWriter) {
        match self {
            Some(uuid) => uuid.put(to),
            None => {
                to.put(&[1]);
                to.put(&[0; 16]);
            }
        }
    }
}

impl<T: Item> Item for Option<T> {
    type Layout = T::Layout;
    const SHAPE: Shape = Shape::Nullable(&T::SHAPE);
}

impl<T: Var> Var for Option<T> {
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        if from.take_null()? { Ok(()) } else { self.insert(T::default()).read(from) }
    }
    fn write(&self, to: &mut FrameWriter) {
        match self {
            Some(value) => value.write(to),
            None => to.null(),
        }
    }
}

impl Item for Str {
    type Layout = Framed;
    const SHAPE: Shape = Shape::String;
}

impl Var for Str {
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        *self = from.text()?;
        Ok(())
    }
    fn write(&self, to: &mut FrameWriter) {
        to.bytes(Str::bytes(self));
    }
}

impl Item for Data {
    type Layout = Framed;
    const SHAPE: Shape = Shape::Data;
}

impl Var for Data {
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        *self = Self::new(from.bytes()?);
        Ok(())
    }
    fn write(&self, to: &mut FrameWriter) {
        to.bytes(Data::bytes(self));
    }
}

/// An array of bytes that isn't a serialized value: credentials, class files, metrics.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ByteArray(pub Bytes);

impl core::fmt::Debug for ByteArray {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        super::data::shortened(f, &self.0)
    }
}

impl<T: Into<Bytes>> From<T> for ByteArray {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for ByteArray {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(Bytes::copy_from_slice(<&[u8]>::arbitrary(u)?)))
    }
}

impl Item for ByteArray {
    type Layout = Framed;
    const SHAPE: Shape = Shape::ByteArray;
}

impl Var for ByteArray {
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        self.0 = from.bytes()?;
        Ok(())
    }
    fn write(&self, to: &mut FrameWriter) {
        to.bytes(&self.0);
    }
}

impl<T: Item> Item for Vec<T> {
    type Layout = Framed;
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: Item> Var for Vec<T>
where
    T::Layout: ListOf<T>,
{
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        *self = T::Layout::read(from)?;
        Ok(())
    }
    fn write(&self, to: &mut FrameWriter) {
        T::Layout::write(self, to);
    }
}

impl<T: Fixed> ListOf<T> for Pooled {
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<T>, Failed> {
        // Their number follows from the bytes that are there, so that room for all may be taken.
        let bytes = items(from, T::SIZE)?;
        let mut items = Vec::with_capacity(bytes.len());
        for item in bytes {
            items.push(T::take(item).map_err(|fault| from.error(fault))?);
        }
        Ok(items)
    }
    fn write(items: &[T], to: &mut FrameWriter) {
        to.begin_frame(0);
        for item in items {
            item.put(to);
        }
        to.end_frame();
    }
}

impl<T: Var> ListOf<T> for Framed {
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<T>, Failed> {
        let mut items = Vec::new();
        from.begin_list()?;
        while from.has_item()? {
            let mut item = T::default();
            item.read(from)?;
            items.push(item);
        }
        Ok(items)
    }
    fn write(items: &[T], to: &mut FrameWriter) {
        to.begin();
        for item in items {
            item.write(to);
        }
        to.end();
    }
}

impl<K: Item, V: Item> Item for (K, V) {
    type Layout = Paired;
    const SHAPE: Shape = Shape::Pair(&K::SHAPE, &V::SHAPE);
}

impl<K: Item, V: Item> ListOf<(K, V)> for Paired
where
    (K::Layout, V::Layout): PairsOf<K, V>,
{
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<(K, V)>, Failed> {
        <(K::Layout, V::Layout)>::read(from)
    }
    fn write(items: &[(K, V)], to: &mut FrameWriter) {
        <(K::Layout, V::Layout)>::write(items, to);
    }
}

impl<K: Fixed, V: Fixed> PairsOf<K, V> for (Pooled, Pooled) {
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<(K, V)>, Failed> {
        let bytes = items(from, K::SIZE + V::SIZE)?;
        let mut pairs = Vec::with_capacity(bytes.len());
        for pair in bytes {
            let (key, value) =
                pair.split_at_checked(K::SIZE).ok_or_else(|| from.error(WRONG_SIZE))?;
            let key = K::take(key).map_err(|fault| from.error(fault))?;
            pairs.push((key, V::take(value).map_err(|fault| from.error(fault))?));
        }
        Ok(pairs)
    }
    fn write(pairs: &[(K, V)], to: &mut FrameWriter) {
        to.begin_frame(0);
        for (key, value) in pairs {
            key.put(to);
            value.put(to);
        }
        to.end_frame();
    }
}

impl<K: Var, V: Var> PairsOf<K, V> for (Framed, Framed) {
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<(K, V)>, Failed> {
        let mut pairs = Vec::new();
        from.begin_list()?;
        while from.has_item()? {
            let mut pair = (K::default(), V::default());
            pair.0.read(from)?;
            pair.1.read(from)?;
            pairs.push(pair);
        }
        Ok(pairs)
    }
    fn write(pairs: &[(K, V)], to: &mut FrameWriter) {
        to.begin();
        for (key, value) in pairs {
            key.write(to);
            value.write(to);
        }
        to.end();
    }
}

impl<K: Fixed, V: Var> PairsOf<K, V> for (Pooled, Framed) {
    fn read(from: &mut FrameReader<'_>) -> Result<Vec<(K, V)>, Failed> {
        let values = <Framed as ListOf<V>>::read(from)?;
        let keys = <Pooled as ListOf<K>>::read(from)?;
        if keys.len() != values.len() {
            let fault = Fault::Count { count: keys.len() as i64, available: values.len() };
            return Err(from.error(fault));
        }
        Ok(keys.into_iter().zip(values).collect())
    }
    fn write(pairs: &[(K, V)], to: &mut FrameWriter) {
        to.begin();
        for (_, value) in pairs {
            value.write(to);
        }
        to.end();
        to.begin_frame(0);
        for (key, _) in pairs {
            key.put(to);
        }
        to.end_frame();
    }
}

/// The items of a frame that holds nothing else.
fn items<'a>(
    from: &mut FrameReader<'a>,
    size: usize,
) -> Result<core::slice::ChunksExact<'a, u8>, Failed> {
    let bytes = from.slice()?;
    if !bytes.len().is_multiple_of(size) {
        return Err(from.error(Fault::Length(bytes.len() as i64)));
    }
    Ok(bytes.chunks_exact(size))
}
