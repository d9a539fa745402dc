//! Tagged fields (KIP-482): `count (tag size data)*` at the end of each struct, tags ascending.
//!
//! Unknown ones are kept, so that a proxy passes them on and a capture re-encodes to its own bytes.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use bytes::Bytes;

use super::{Failed, Reader, Writer};
use crate::{Fault, Malformed};

/// Tagged fields that the declarations do not know, by tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(pub BTreeMap<u32, Bytes>);

/// Reads a struct's tagged fields.
#[derive(Debug)]
pub struct TagReader {
    left: u32,
    // The lowest tag that may come next.
    next: u64,
    // Where the struct's bytes end, while a field's are being read.
    end: usize,
    context: &'static str,
}

impl TagReader {
    /// Reads the count; there are none in versions that are not flexible.
    pub fn new(r: &mut Reader<'_>, context: &'static str) -> Result<Self, Failed> {
        let start = r.position();
        let left = if r.flexible() { r.uvarint(context).map_err(|e| r.fail(e))? } else { 0 };
        // Each takes two bytes or more.
        let available = r.remaining();
        if left as usize > available / 2 {
            let fault = Fault::Count { count: i64::from(left), available };
            return Err(r.fail(Malformed::new(context, fault).at(start)));
        }
        Ok(Self { left, next: 0, end: 0, context })
    }

    /// The next tag. Its data is all that the reader has until [`TagReader::end`] or
    /// [`TagReader::keep`].
    pub fn next(&mut self, r: &mut Reader<'_>) -> Result<Option<u32>, Failed> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match self.enter(r) {
            Ok(tag) => Ok(Some(tag)),
            Err(error) => Err(r.fail(error)),
        }
    }

    fn enter(&mut self, r: &mut Reader<'_>) -> Result<u32, Malformed> {
        let start = r.position();
        let tag = r.uvarint(self.context)?;
        if u64::from(tag) < self.next {
            return Err(Malformed::other(self.context, "tags that do not ascend").at(start));
        }
        self.next = u64::from(tag) + 1;
        let size = r.uvarint(self.context)?;
        self.end = r.narrow(size as usize, self.context)?;
        Ok(tag)
    }

    /// Leaves a known field, which must have used up its data.
    pub fn end(&self, r: &mut Reader<'_>) -> Result<(), Failed> {
        if r.remaining() > 0 {
            let what = "a tagged field longer than its value";
            return Err(r.fail(Malformed::other(self.context, what)));
        }
        r.widen(self.end);
        Ok(())
    }

    /// Keeps an unknown one.
    pub fn keep(&self, into: &mut Option<Box<Tags>>, tag: u32, r: &mut Reader<'_>) {
        into.get_or_insert_default().0.insert(tag, r.rest());
        r.widen(self.end);
    }

    /// Reads the tagged fields of a struct that knows none.
    pub fn all_unknown(
        into: &mut Option<Box<Tags>>,
        r: &mut Reader<'_>,
        context: &'static str,
    ) -> Result<(), Failed> {
        if r.no_tags() { Ok(()) } else { Self::keep_all(into, r, context) }
    }

    #[cold]
    fn keep_all(
        into: &mut Option<Box<Tags>>,
        r: &mut Reader<'_>,
        context: &'static str,
    ) -> Result<(), Failed> {
        let mut tags = Self::new(r, context)?;
        while let Some(tag) = tags.next(r)? {
            tags.keep(into, tag, r);
        }
        Ok(())
    }
}

/// Writes a struct's tagged fields: the known ones in ascending order, unknown ones between them.
#[derive(Debug)]
pub struct TagWriter<'a> {
    unknown: Option<&'a Tags>,
    count: u32,
    count_at: usize,
    size_at: usize,
    // The lowest tag that may come next.
    next: u32,
}

impl<'a> TagWriter<'a> {
    /// Begins the section; there is none in versions that are not flexible.
    ///
    /// # Errors
    /// The version has no such section, and there are unknown tags to write.
    pub fn new(
        w: &mut Writer,
        unknown: Option<&'a Tags>,
        context: &'static str,
    ) -> Result<Option<Self>, Failed> {
        if !w.flexible() {
            return match unknown {
                Some(Tags(tags)) if !tags.is_empty() => Err(w.absent(context)),
                _ => Ok(None),
            };
        }
        let count_at = w.gap();
        Ok(Some(Self { unknown, count: 0, count_at, size_at: 0, next: 0 }))
    }

    /// Begins a known field, after the unknown ones with lower tags. An unknown one of the same
    /// number gives way to it.
    pub fn begin(&mut self, w: &mut Writer, tag: u32) {
        self.unknown_below(w, u64::from(tag));
        self.next = tag.saturating_add(1);
        self.count += 1;
        w.uvarint(tag);
        self.size_at = w.gap();
    }

    /// Ends a known field.
    pub fn end(&mut self, w: &mut Writer) {
        let size = w.since(self.size_at);
        w.fill_gap(self.size_at, size as u32);
    }

    /// Ends the section.
    pub fn finish(mut self, w: &mut Writer) {
        self.unknown_below(w, u64::MAX);
        w.fill_gap(self.count_at, self.count);
    }

    /// Writes the section of a struct that knows no tagged fields, if the version is flexible.
    ///
    /// # Errors
    /// As for [`TagWriter::new`].
    pub fn all_unknown(
        w: &mut Writer,
        unknown: Option<&'a Tags>,
        context: &'static str,
    ) -> Result<(), Failed> {
        if unknown.is_none() {
            w.no_tags();
        } else if let Some(tags) = Self::new(w, unknown, context)? {
            tags.finish(w);
        }
        Ok(())
    }

    fn unknown_below(&mut self, w: &mut Writer, bound: u64) {
        let Some(Tags(unknown)) = self.unknown else { return };
        for (tag, data) in unknown.range(self.next..) {
            if u64::from(*tag) >= bound {
                break;
            }
            self.count += 1;
            w.uvarint(*tag);
            w.uvarint(data.len() as u32);
            w.raw(data);
        }
    }
}

#[cfg(feature = "arbitrary")]
impl Tags {
    /// None, or a few with numbers that no declaration uses.
    pub(crate) fn arbitrary(
        u: &mut arbitrary::Unstructured<'_>,
        flexible: bool,
    ) -> arbitrary::Result<Option<Box<Self>>> {
        if !flexible || !u.ratio(1u8, 8u8)? {
            return Ok(None);
        }
        let mut tags = Self::default();
        for _ in 0..u.int_in_range(1..=3)? {
            let tag = 1000 + u32::from(u.arbitrary::<u16>()?);
            tags.0.insert(tag, Bytes::copy_from_slice(u.arbitrary()?));
        }
        Ok(Some(Box::new(tags)))
    }
}
