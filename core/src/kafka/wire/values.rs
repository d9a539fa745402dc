//! [`Wire`] for the types that fields are made of.

use alloc::vec::Vec;

use bytes::Bytes;
use smallvec::SmallVec;

use super::{EncodeFault, Failed, Kind, Reader, Uuid, Wire, Writer};
use crate::kafka::code::ErrorCode;
use crate::{Malformed, Str};

/// Ids of brokers or partitions: mostly a few, which then need no buffer.
pub type Ids = SmallVec<[i32; 4]>;

/// Reads a field that is an `Option`: null only where the version allows it.
#[inline(never)]
pub fn read_option<T: Wire>(
    into: &mut Option<T>,
    r: &mut Reader<'_>,
    nullable: bool,
    at: i16,
    context: &'static str,
) -> Result<(), Failed> {
    *into = if nullable {
        T::read_nullable(r, at, context)?
    } else {
        let mut value = T::default();
        value.read(r, at, context)?;
        Some(value)
    };
    Ok(())
}

/// Writes a field that is an `Option`: null only where the version allows it.
#[inline(never)]
pub fn write_option<T: Wire>(
    value: Option<&T>,
    w: &mut Writer,
    nullable: bool,
    at: i16,
    context: &'static str,
) -> Result<(), Failed> {
    match value {
        Some(value) if nullable => value.write_some(w, at, context),
        Some(value) => value.write(w, at, context),
        None if nullable => {
            T::write_null(w);
            Ok(())
        }
        None => Err(w.fail(context, EncodeFault::Null)),
    }
}

/// A field that is an `Option`, drawn from unstructured bytes.
#[cfg(feature = "arbitrary")]
pub fn arbitrary_option<T: Wire>(
    u: &mut arbitrary::Unstructured<'_>,
    nullable: bool,
    at: i16,
    flexible: bool,
) -> arbitrary::Result<Option<T>> {
    if nullable && u.ratio(1u8, 3u8)? {
        return Ok(None);
    }
    T::arbitrary(u, at, flexible).map(Some)
}

/// Puts what was read, from byte `start` on, in its place.
fn set<T>(
    into: &mut T,
    read: Result<Option<T>, Malformed>,
    r: &mut Reader<'_>,
    start: usize,
    context: &'static str,
) -> Result<(), Failed> {
    match read {
        Ok(Some(value)) => {
            *into = value;
            Ok(())
        }
        Ok(None) => Err(r.null(start, context)),
        Err(error) => Err(r.fail(error)),
    }
}

// Numbers know no null in Kafka's grammar, so a nullable one is read and written as it is. None of this
// is inlined: it would be, into every field of every message.
macro_rules! plain {
    ($($type:ty: $kind:ident, $len:literal, |$r:ident, $c:ident| $read:expr,
        |$self:ident, $w:ident| $write:expr, |$u:ident| $any:expr;)*) => {$(
        impl Wire for $type {
            const MIN_LEN: usize = $len;
            const KIND: Kind = Kind::$kind;

            #[inline(never)]
            fn read(
                &mut self,
                r: &mut Reader<'_>,
                at: i16,
                context: &'static str,
            ) -> Result<(), Failed> {
                self.read_here(r, at, context)
            }

            #[inline(never)]
            fn write(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
                self.write_here(w, at, c)
            }

            #[inline]
            fn read_here(
                &mut self,
                $r: &mut Reader<'_>,
                _: i16,
                $c: &'static str,
            ) -> Result<(), Failed> {
                match $read {
                    Ok(value) => {
                        *self = value;
                        Ok(())
                    }
                    Err(error) => Err($r.fail(error)),
                }
            }

            #[inline]
            fn write_here(&$self, $w: &mut Writer, _: i16, _: &'static str) -> Result<(), Failed> {
                $write;
                Ok(())
            }

            fn read_nullable(
                r: &mut Reader<'_>,
                at: i16,
                context: &'static str,
            ) -> Result<Option<Self>, Failed> {
                let mut value = Self::default();
                value.read(r, at, context)?;
                Ok(Some(value))
            }

            fn write_some(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
                self.write(w, at, c)
            }

            fn write_null(_: &mut Writer) {}

            #[cfg(feature = "arbitrary")]
            fn arbitrary(
                $u: &mut arbitrary::Unstructured<'_>,
                _: i16,
                _: bool,
            ) -> arbitrary::Result<Self> {
                $any
            }
        }
    )*};
}

plain! {
    bool: Bool, 1, |r, c| r.bool(c), |self, w| w.bool(*self), |u| u.arbitrary();
    i8: Int8, 1, |r, c| r.i8(c), |self, w| w.i8(*self), |u| u.arbitrary();
    i16: Int16, 2, |r, c| r.i16(c), |self, w| w.i16(*self), |u| u.arbitrary();
    u16: Uint16, 2, |r, c| r.i16(c).map(|v| v as u16), |self, w| w.i16(*self as i16), |u| u.arbitrary();
    i32: Int32, 4, |r, c| r.i32(c), |self, w| w.i32(*self), |u| u.arbitrary();
    u32: Uint32, 4, |r, c| r.i32(c).map(|v| v as u32), |self, w| w.i32(*self as i32), |u| u.arbitrary();
    i64: Int64, 8, |r, c| r.i64(c), |self, w| w.i64(*self), |u| u.arbitrary();
    f64: Float64, 8, |r, c| r.i64(c).map(|v| f64::from_bits(v as u64)),
        // Whole numbers, since a NaN is not equal to itself.
        |self, w| w.i64(self.to_bits() as i64), |u| u.arbitrary::<i32>().map(f64::from);
    Uuid: Uuid, 16, |r, c| r.array16(c).map(Uuid), |self, w| w.raw(&self.0), |u| u.arbitrary().map(Uuid);
    ErrorCode: Int16, 2, |r, c| r.i16(c).map(ErrorCode), |self, w| w.i16(self.0), |u| u.arbitrary().map(ErrorCode);
}

impl Wire for Str {
    const MIN_LEN: usize = 1;
    const KIND: Kind = Kind::String;

    #[inline(never)]
    fn read(&mut self, r: &mut Reader<'_>, _: i16, context: &'static str) -> Result<(), Failed> {
        let start = r.position();
        let read = r.string(context);
        set(self, read, r, start, context)
    }

    #[inline(never)]
    fn write(&self, w: &mut Writer, _: i16, context: &'static str) -> Result<(), Failed> {
        w.string(Some(self.bytes()), context)
    }

    fn read_nullable(
        r: &mut Reader<'_>,
        _: i16,
        context: &'static str,
    ) -> Result<Option<Self>, Failed> {
        r.string(context).map_err(|error| r.fail(error))
    }

    fn write_some(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
        self.write(w, at, c)
    }

    fn write_null(w: &mut Writer) {
        if w.flexible() { w.uvarint(0) } else { w.i16(-1) }
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(u: &mut arbitrary::Unstructured<'_>, _: i16, _: bool) -> arbitrary::Result<Self> {
        let text: &str = u.arbitrary()?;
        // Within what a string may hold.
        Ok(if text.len() <= 0x7fff { Self::from(text) } else { Self::default() })
    }
}

fn write_null_wide(w: &mut Writer) {
    if w.flexible() { w.uvarint(0) } else { w.i32(-1) }
}

impl Wire for Bytes {
    const MIN_LEN: usize = 1;
    const KIND: Kind = Kind::Bytes;

    #[inline(never)]
    fn read(&mut self, r: &mut Reader<'_>, _: i16, context: &'static str) -> Result<(), Failed> {
        let start = r.position();
        let read = r.bytes(context);
        set(self, read, r, start, context)
    }

    #[inline(never)]
    fn write(&self, w: &mut Writer, _: i16, context: &'static str) -> Result<(), Failed> {
        w.bytes(Some(self), context)
    }

    fn read_nullable(
        r: &mut Reader<'_>,
        _: i16,
        context: &'static str,
    ) -> Result<Option<Self>, Failed> {
        r.bytes(context).map_err(|error| r.fail(error))
    }

    fn write_some(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
        self.write(w, at, c)
    }

    fn write_null(w: &mut Writer) {
        write_null_wide(w);
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(u: &mut arbitrary::Unstructured<'_>, _: i16, _: bool) -> arbitrary::Result<Self> {
        Ok(Self::copy_from_slice(u.arbitrary()?))
    }
}

/// Room for `count` elements, but for no more than 64 KiB at once: the rest is reserved as elements
/// prove to be there, since they may be larger in memory than on the wire.
const fn room(count: usize, size: usize) -> usize {
    let most = 64 * 1024 / if size == 0 { 1 } else { size };
    if count < most { count } else { most }
}

/// A vector as the loops below see it. They are compiled once, and not for each of the hundreds of
/// structs that messages have lists of; all that a struct adds is these few lines.
trait Items {
    fn make_room(&mut self, count: usize);
    /// Reads an item, or `count` of them, and returns how many.
    fn read_some(
        &mut self,
        count: usize,
        r: &mut Reader<'_>,
        at: i16,
        c: &'static str,
    ) -> Result<usize, Failed>;
    fn write_one(
        &self,
        index: usize,
        w: &mut Writer,
        at: i16,
        c: &'static str,
    ) -> Result<(), Failed>;
}

impl<T: Wire> Items for Vec<T> {
    fn make_room(&mut self, count: usize) {
        self.reserve_exact(room(count, size_of::<T>()));
    }

    fn read_some(
        &mut self,
        count: usize,
        r: &mut Reader<'_>,
        at: i16,
        c: &'static str,
    ) -> Result<usize, Failed> {
        let some = if T::HOT { count } else { 1 };
        for _ in 0..some {
            self.push(T::default());
            // Read in its place, since structs may be large.
            if let Some(item) = self.last_mut() {
                item.read(r, at, c)?;
            }
        }
        Ok(some)
    }

    fn write_one(
        &self,
        index: usize,
        w: &mut Writer,
        at: i16,
        c: &'static str,
    ) -> Result<(), Failed> {
        match self.get(index) {
            Some(item) => item.write(w, at, c),
            None => Ok(()),
        }
    }
}

/// Reads the items of an array behind its count; returns whether it is not null.
fn read_items(
    items: &mut dyn Items,
    min_len: usize,
    nullable: bool,
    r: &mut Reader<'_>,
    at: i16,
    c: &'static str,
) -> Result<bool, Failed> {
    let start = r.position();
    match r.count(min_len, c) {
        Ok(Some(count)) => {
            items.make_room(count);
            let mut left = count;
            while left > 0 {
                left = left.saturating_sub(items.read_some(left, r, at, c)?.max(1));
            }
            Ok(true)
        }
        Ok(None) if nullable => Ok(false),
        Ok(None) => Err(r.null(start, c)),
        Err(error) => Err(r.fail(error)),
    }
}

/// Writes the items of an array behind their count.
fn write_items(
    items: &dyn Items,
    count: usize,
    w: &mut Writer,
    at: i16,
    c: &'static str,
) -> Result<(), Failed> {
    w.count(Some(count), c)?;
    for index in 0..count {
        items.write_one(index, w, at, c)?;
    }
    Ok(())
}

impl<T: Wire> Wire for Vec<T> {
    const MIN_LEN: usize = 1;
    const KIND: Kind = Kind::Array(&T::KIND);

    fn read(&mut self, r: &mut Reader<'_>, at: i16, c: &'static str) -> Result<(), Failed> {
        match read_items(self, T::MIN_LEN, false, r, at, c) {
            Ok(_) => Ok(()),
            Err(failed) => Err(failed),
        }
    }

    fn write(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
        write_items(self, self.len(), w, at, c)
    }

    fn read_nullable(r: &mut Reader<'_>, at: i16, c: &'static str) -> Result<Option<Self>, Failed> {
        let mut items = Self::new();
        Ok(read_items(&mut items, T::MIN_LEN, true, r, at, c)?.then_some(items))
    }

    fn write_some(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
        write_items(self, self.len(), w, at, c)
    }

    fn write_null(w: &mut Writer) {
        write_null_wide(w);
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(
        u: &mut arbitrary::Unstructured<'_>,
        at: i16,
        flexible: bool,
    ) -> arbitrary::Result<Self> {
        let mut items = Self::new();
        while items.len() < 8 && u.ratio(1u8, 2u8)? {
            items.push(T::arbitrary(u, at, flexible)?);
        }
        Ok(items)
    }
}

impl Wire for Ids {
    const MIN_LEN: usize = 1;
    const KIND: Kind = Kind::Array(&Kind::Int32);

    #[inline(never)]
    fn read(&mut self, r: &mut Reader<'_>, at: i16, c: &'static str) -> Result<(), Failed> {
        let start = r.position();
        match Self::read_nullable(r, at, c)? {
            Some(ids) => {
                *self = ids;
                Ok(())
            }
            None => Err(r.null(start, c)),
        }
    }

    #[inline(never)]
    fn write(&self, w: &mut Writer, _: i16, c: &'static str) -> Result<(), Failed> {
        w.ids(self, c)
    }

    #[inline]
    fn read_here(&mut self, r: &mut Reader<'_>, at: i16, c: &'static str) -> Result<(), Failed> {
        match r.few_ids() {
            Some(ids) => {
                *self = ids;
                Ok(())
            }
            None => self.read(r, at, c),
        }
    }

    #[inline(never)]
    fn read_nullable(r: &mut Reader<'_>, _: i16, c: &'static str) -> Result<Option<Self>, Failed> {
        r.ids(c).map_err(|error| r.fail(error))
    }

    fn write_some(&self, w: &mut Writer, at: i16, c: &'static str) -> Result<(), Failed> {
        self.write(w, at, c)
    }

    fn write_null(w: &mut Writer) {
        write_null_wide(w);
    }

    #[cfg(feature = "arbitrary")]
    fn arbitrary(
        u: &mut arbitrary::Unstructured<'_>,
        at: i16,
        flexible: bool,
    ) -> arbitrary::Result<Self> {
        Vec::<i32>::arbitrary(u, at, flexible).map(Self::from_vec)
    }
}
