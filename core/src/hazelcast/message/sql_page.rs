//! [`SqlPage`]: a page of rows, column by column.
//!
//! ```text
//! BEGIN | 1 byte: last page | i32 column types | columns | END
//! column of a fixed-size type:  1 | count i32                 all null
//!                               2 | count i32 | values        none null
//!                               3 | count i32 | groups        each of a mask byte and the
//!                                                             values of up to eight rows
//! column of nulls:              count i32
//! other columns:                BEGIN, a value or null frame per row, END
//! ```
//!
//! A column of nulls is a few bytes whatever its count, so columns stay as they came and are read
//! value by value.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::hazelcast::reader::Failed;
use crate::hazelcast::schema::Shape;
use crate::hazelcast::wire::{Framed, Item, Var};
use crate::hazelcast::{FrameReader, FrameWriter};
use crate::{Fault, Malformed, Str};

/// The type of a column, by the protocol's number. Unknown ones can't be read: their layout isn't
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlColumnType(pub i32);

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl SqlColumnType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*
        }
    };
}

types! {
    /// Text.
    VARCHAR = 0;
    /// A truth value.
    BOOLEAN = 1;
    /// A byte.
    TINYINT = 2;
    /// Two bytes.
    SMALLINT = 3;
    /// Four bytes.
    INTEGER = 4;
    /// Eight bytes.
    BIGINT = 5;
    /// An unscaled integer of any length and a scale.
    DECIMAL = 6;
    /// Four bytes, IEEE 754.
    REAL = 7;
    /// Eight bytes, IEEE 754.
    DOUBLE = 8;
    /// A day.
    DATE = 9;
    /// A time of day.
    TIME = 10;
    /// A day and a time.
    TIMESTAMP = 11;
    /// A day, a time and an offset.
    TIMESTAMP_WITH_TIME_ZONE = 12;
    /// A serialized value.
    OBJECT = 13;
    /// Nothing but nulls.
    NULL = 14;
    /// JSON text.
    JSON = 15;
}

impl SqlColumnType {
    /// The bytes of a value, for types that have a fixed number.
    pub const fn size(self) -> Option<usize> {
        Some(match self {
            Self::BOOLEAN | Self::TINYINT => 1,
            Self::SMALLINT => 2,
            Self::INTEGER | Self::REAL => 4,
            Self::BIGINT | Self::DOUBLE => 8,
            Self::DATE => 6,
            Self::TIME => 7,
            Self::TIMESTAMP => 13,
            Self::TIMESTAMP_WITH_TIME_ZONE => 17,
            _ => return None,
        })
    }
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct SqlPage {
    /// No page follows.
    pub last: bool,
    /// All of the same number of rows, as far as a member sends them.
    pub columns: Vec<SqlColumn>,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlColumn {
    kind: SqlColumnType,
    values: Values,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Values {
    /// A frame of a fixed-size type or of nulls, checked.
    Frame(Bytes),
    /// A frame's payload per row.
    Rows(Vec<Option<Bytes>>),
}

const ALL_NULL: u8 = 1;
const NONE_NULL: u8 = 2;
const MIXED: u8 = 3;
/// The kind of column and the count.
const HEADER: usize = 5;

impl SqlColumn {
    /// A column of values in the protocol's own form: little-endian, of the type's size if it has a
    /// fixed one.
    ///
    /// # Errors
    /// A value isn't null in a column of nulls, has another size than the type, or isn't UTF-8 in a
    /// column of text; or there are more than `i32::MAX` rows.
    pub fn new<'a>(
        kind: SqlColumnType,
        rows: impl Iterator<Item = Option<&'a [u8]>>,
    ) -> Result<Self, Malformed> {
        let wrong = Malformed::other("SqlColumn", "a value is not of the column's type");
        let rows: Vec<_> = rows.collect();
        let count = i32::try_from(rows.len()).map_err(|_| wrong)?.to_le_bytes();
        let present = rows.iter().flatten().count();
        if kind == SqlColumnType::NULL {
            let frame = Bytes::copy_from_slice(&count);
            return if present == 0 {
                Ok(Self { kind, values: Values::Frame(frame) })
            } else {
                Err(wrong)
            };
        }
        let text = matches!(kind, SqlColumnType::VARCHAR | SqlColumnType::JSON);
        if text && rows.iter().flatten().any(|value| core::str::from_utf8(value).is_err()) {
            return Err(wrong);
        }
        let Some(size) = kind.size() else {
            let rows = rows.iter().map(|row| row.map(Bytes::copy_from_slice)).collect();
            return Ok(Self { kind, values: Values::Rows(rows) });
        };
        if rows.iter().flatten().any(|value| value.len() != size) {
            return Err(wrong);
        }
        let mut frame = Vec::with_capacity(HEADER + present * size + rows.len() / 8 + 1);
        frame.push(match present {
            0 => ALL_NULL,
            _ if present == rows.len() => NONE_NULL,
            _ => MIXED,
        });
        frame.extend(count);
        for group in rows.chunks(8) {
            if present > 0 && present < rows.len() {
                let bit = |(at, row): (usize, &Option<_>)| u8::from(row.is_some()) << at;
                frame.push(group.iter().enumerate().map(bit).sum());
            }
            group.iter().flatten().for_each(|value| frame.extend_from_slice(value));
        }
        Ok(Self { kind, values: Values::Frame(frame.into()) })
    }

    /// The type.
    pub fn kind(&self) -> SqlColumnType {
        self.kind
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        match &self.values {
            Values::Rows(rows) => rows.len(),
            Values::Frame(frame) => {
                count(frame, usize::from(self.kind != SqlColumnType::NULL)).unwrap_or(0)
            }
        }
    }

    /// The values in the protocol's own form, in the order of their rows. Nothing is allocated.
    pub fn cells(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let size = self.kind.size().unwrap_or(0);
        let (rows, frame) = match &self.values {
            Values::Rows(rows) => (&rows[..], &[][..]),
            Values::Frame(frame) => (&[][..], &frame[..]),
        };
        let mode = if size > 0 { frame.first().copied().unwrap_or(ALL_NULL) } else { ALL_NULL };
        let mut left = frame.get(HEADER..).unwrap_or_default();
        let mut mask = u8::MAX;
        (0..self.rows()).map(move |row| {
            if mode == ALL_NULL {
                return rows.get(row)?.as_deref();
            }
            if mode == MIXED {
                if row.is_multiple_of(8) {
                    (mask, left) = left.split_first().map(|(mask, left)| (*mask, left))?;
                }
                if mask >> (row % 8) & 1 == 0 {
                    return None;
                }
            }
            let (cell, rest) = left.split_at_checked(size)?;
            left = rest;
            Some(cell)
        })
    }

    /// As [`SqlColumn::cells`], as parts of the buffer that the page was received in.
    pub fn values(&self) -> impl Iterator<Item = Option<Bytes>> + '_ {
        self.cells().enumerate().map(|(row, cell)| match &self.values {
            Values::Rows(rows) => rows.get(row)?.clone(),
            Values::Frame(frame) => cell.map(|cell| frame.slice_ref(cell)),
        })
    }

    fn read(kind: SqlColumnType, from: &mut FrameReader<'_>) -> Result<Self, Failed> {
        let values = if kind.size().is_some() || kind == SqlColumnType::NULL {
            let frame = from.bytes()?;
            check(kind, &frame).map_err(|fault| from.error(fault))?;
            Values::Frame(frame)
        } else if (SqlColumnType::VARCHAR.0..=SqlColumnType::JSON.0).contains(&kind.0) {
            let mut rows = Vec::new();
            from.begin_list()?;
            while from.has_item()? {
                rows.push(match kind {
                    _ if from.take_null()? => None,
                    SqlColumnType::JSON => {
                        from.begin_custom(crate::hazelcast::reader::FixedPart::Begin)?;
                        let text = from.text()?;
                        from.end_custom()?;
                        Some(text.into_bytes())
                    }
                    SqlColumnType::VARCHAR => Some(from.text().map(Str::into_bytes)?),
                    _ => Some(from.bytes()?),
                });
            }
            Values::Rows(rows)
        } else {
            return Err(from.error(Fault::Value(i64::from(kind.0))));
        };
        Ok(Self { kind, values })
    }

    fn write(&self, to: &mut FrameWriter) {
        let rows = match &self.values {
            Values::Frame(frame) => return to.bytes(frame),
            Values::Rows(rows) => rows,
        };
        to.begin();
        for row in rows {
            match row {
                None => to.null(),
                Some(text) if self.kind == SqlColumnType::JSON => {
                    to.begin();
                    to.bytes(text);
                    to.end();
                }
                Some(value) => to.bytes(value),
            }
        }
        to.end();
    }
}

fn count(frame: &[u8], at: usize) -> Option<usize> {
    let count = frame.get(at..)?.first_chunk()?;
    usize::try_from(i32::from_le_bytes(*count)).ok()
}

/// That a frame has exactly the values that its header and masks promise.
fn check(kind: SqlColumnType, frame: &[u8]) -> Result<(), Fault> {
    let (at, size) = kind.size().map_or((0, 0), |size| (1, size));
    let Some(rows) = count(frame, at) else {
        return Err(Fault::Truncated { needed: at + 4, available: frame.len() });
    };
    let wrong = Fault::Count { count: rows as i64, available: frame.len() };
    let values = frame.get(at + 4..).unwrap_or_default();
    let mode = if at == 0 { ALL_NULL } else { frame.first().copied().unwrap_or(0) };
    let needed = match mode {
        ALL_NULL => 0,
        NONE_NULL => rows.checked_mul(size).ok_or(wrong)?,
        MIXED => {
            let (mut at, mut left) = (0, rows);
            while left > 0 {
                let used = 0xff >> 8usize.saturating_sub(left);
                let mask = values.get(at).ok_or(wrong)? & used;
                at += 1 + mask.count_ones() as usize * size;
                left = left.saturating_sub(8);
            }
            at
        }
        other => return Err(Fault::Value(i64::from(other))),
    };
    if needed == values.len() { Ok(()) } else { Err(wrong) }
}

impl Item for SqlPage {
    type Layout = Framed;
    const SHAPE: Shape = Shape::SqlPage;
}

impl Var for SqlPage {
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        from.begin_list()?;
        self.last = match from.slice()? {
            [last] => *last != 0,
            other => return Err(from.error(Fault::Length(other.len() as i64))),
        };
        let mut kinds = Vec::<i32>::new();
        kinds.read(from)?;
        let column = |kind| SqlColumn::read(SqlColumnType(kind), from);
        self.columns = kinds.into_iter().map(column).collect::<Result<_, _>>()?;
        from.end_custom()
    }

    fn write(&self, to: &mut FrameWriter) {
        to.begin();
        to.slice(&[u8::from(self.last)]);
        to.begin_frame(0);
        for column in &self.columns {
            to.put(&column.kind.0.to_le_bytes());
        }
        to.end_frame();
        for column in &self.columns {
            column.write(to);
        }
        to.end();
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for SqlColumn {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let kind = SqlColumnType(u.int_in_range(0..=15)?);
        let rows: Vec<Option<Str>> = u.arbitrary()?;
        let fit = |text: &Str| -> Option<Vec<u8>> {
            match (kind, kind.size()) {
                (SqlColumnType::NULL, _) => None,
                (_, None) => Some(text.as_bytes().to_vec()),
                (_, Some(size)) => {
                    Some(text.bytes().iter().copied().chain([0; 17]).take(size).collect())
                }
            }
        };
        let rows: Vec<_> = rows.iter().map(|row| row.as_ref().and_then(fit)).collect();
        Self::new(kind, rows.iter().map(Option::as_deref))
            .map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}
