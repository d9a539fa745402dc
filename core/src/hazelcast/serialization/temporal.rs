//! Dates and times: Java's `LocalDate`, `LocalTime`, `LocalDateTime`, `OffsetDateTime` and `Date`.
//!
//! They hold what the bytes hold, years far beyond those of common libraries included. With the feature
//! `time` they convert to and from that crate's types, which are the same four.
//!
//! ```text
//! date := year i32 | month i8 | day i8           time := hour i8 | minute i8 | second i8 | nanosecond i32
//! date time := date | time                       with offset: | seconds i32, east is positive
//! ```

use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::Fault;
use crate::hazelcast::error::{Error, SerializationError};

/// A day of the calendar that ISO 8601 has, which goes back before 1582 without a jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate {
    /// -999,999,999 to 999,999,999; the year before 1 is 0.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalTime {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999,999,999.
    pub nanosecond: u32,
}

/// A day and a time, in no particular place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    /// The day.
    pub date: LocalDate,
    /// The time.
    pub time: LocalTime,
}

/// A day and a time, and how far their place is from UTC. Two of one moment in different places aren't
/// equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OffsetDateTime {
    /// The day and time there.
    pub local: LocalDateTime,
    /// Seconds east of UTC, -64,800 to 64,800 (18 hours).
    pub offset: i32,
}

/// A moment: milliseconds since 1970 began, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Date(pub i64);

const LAST_YEAR: i32 = 999_999_999;
const MOST_OFFSET: i32 = 18 * 3600;

const fn days_of(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl LocalDate {
    /// A day; `None` if there is no such day.
    pub const fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = Self { year, month, day };
        if date.is_valid() { Some(date) } else { None }
    }

    /// Whether there is such a day.
    pub const fn is_valid(&self) -> bool {
        self.year >= -LAST_YEAR
            && self.year <= LAST_YEAR
            && self.month >= 1
            && self.month <= 12
            && self.day >= 1
            && self.day <= days_of(self.year, self.month)
    }
}

impl LocalTime {
    /// A time; `None` if there is no such time.
    pub const fn new(hour: u8, minute: u8, second: u8, nanosecond: u32) -> Option<Self> {
        let time = Self { hour, minute, second, nanosecond };
        if time.is_valid() { Some(time) } else { None }
    }

    /// Whether there is such a time.
    pub const fn is_valid(&self) -> bool {
        self.hour < 24 && self.minute < 60 && self.second < 60 && self.nanosecond < 1_000_000_000
    }
}

impl LocalDateTime {
    /// A day and a time.
    pub const fn new(date: LocalDate, time: LocalTime) -> Self {
        Self { date, time }
    }

    /// Whether there is such a day and such a time.
    pub const fn is_valid(&self) -> bool {
        self.date.is_valid() && self.time.is_valid()
    }
}

impl OffsetDateTime {
    /// A day and a time, so many seconds east of UTC; `None` for more than 18 hours.
    pub const fn new(local: LocalDateTime, offset: i32) -> Option<Self> {
        let it = Self { local, offset };
        if it.is_valid() { Some(it) } else { None }
    }

    /// Whether there is such a day, such a time and such an offset.
    pub const fn is_valid(&self) -> bool {
        self.local.is_valid() && self.offset >= -MOST_OFFSET && self.offset <= MOST_OFFSET
    }
}

/// What stands in an object after its type id, in a compact record, and mostly in a portable one.
pub(super) trait Payload: Copy {
    /// What it is called in errors.
    const NAME: &'static str;
    fn is_right(&self) -> bool;
    fn put(&self, to: &mut Writer<'_>);
    fn take(from: &mut Reader<'_>) -> Result<Self, Error>;

    /// Writes it if it is a date that there is.
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        if !self.is_right() {
            let why = "there is no such date, time or offset";
            return Err(SerializationError::Unwritable { what: Self::NAME, why }.into());
        }
        self.put(to);
        Ok(())
    }

    /// Reads it if it is a date that there is.
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        let read = Self::take(from)?;
        if !read.is_right() {
            return Err(from.fault(Fault::Other("there is no such date, time or offset")));
        }
        Ok(read)
    }
}

impl Payload for LocalDate {
    const NAME: &'static str = "LocalDate";
    fn is_right(&self) -> bool {
        self.is_valid()
    }
    fn put(&self, to: &mut Writer<'_>) {
        to.i32(self.year);
        to.i8(self.month.cast_signed());
        to.i8(self.day.cast_signed());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Error> {
        let year = from.i32()?;
        let (month, day) = (from.i8()?.cast_unsigned(), from.i8()?.cast_unsigned());
        Ok(Self { year, month, day })
    }
}

impl Payload for LocalTime {
    const NAME: &'static str = "LocalTime";
    fn is_right(&self) -> bool {
        self.is_valid()
    }
    fn put(&self, to: &mut Writer<'_>) {
        to.i8(self.hour.cast_signed());
        to.i8(self.minute.cast_signed());
        to.i8(self.second.cast_signed());
        to.i32(self.nanosecond.cast_signed());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Error> {
        let (hour, minute) = (from.i8()?.cast_unsigned(), from.i8()?.cast_unsigned());
        let second = from.i8()?.cast_unsigned();
        Ok(Self { hour, minute, second, nanosecond: from.i32()?.cast_unsigned() })
    }
}

impl Payload for LocalDateTime {
    const NAME: &'static str = "LocalDateTime";
    fn is_right(&self) -> bool {
        self.is_valid()
    }
    fn put(&self, to: &mut Writer<'_>) {
        self.date.put(to);
        self.time.put(to);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { date: LocalDate::take(from)?, time: LocalTime::take(from)? })
    }
}

impl Payload for OffsetDateTime {
    const NAME: &'static str = "OffsetDateTime";
    fn is_right(&self) -> bool {
        self.is_valid()
    }
    fn put(&self, to: &mut Writer<'_>) {
        self.local.put(to);
        to.i32(self.offset);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { local: LocalDateTime::take(from)?, offset: from.i32()? })
    }
}

macro_rules! temporal {
    ($($type:ident $id:ident $size:literal)*) => {$(
        #[doc = concat!("Java's ", stringify!($type), ".")]
        impl Write for $type {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.type_id(TypeId::$id);
                self.write_payload(to)
            }
            fn size_hint(&self) -> usize {
                4 + $size
            }
        }

        #[doc = concat!("Java's ", stringify!($type), ".")]
        impl Read for $type {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                if from.type_id() != TypeId::$id {
                    return Err(from.mismatch(Self::NAME));
                }
                Self::read_payload(from)
            }
        }
    )*};
}

temporal! {
    LocalDate LOCAL_DATE 6
    LocalTime LOCAL_TIME 7
    LocalDateTime LOCAL_DATE_TIME 13
    OffsetDateTime OFFSET_DATE_TIME 17
}

/// Java's Date.
impl Write for Date {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::DATE);
        to.i64(self.0);
        Ok(())
    }
    fn size_hint(&self) -> usize {
        12
    }
}

/// Java's Date.
impl Read for Date {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::DATE {
            return Err(from.mismatch("Date"));
        }
        from.i64().map(Self)
    }
}

#[cfg(feature = "arbitrary")]
mod arbitrary_values {
    use super::{
        LAST_YEAR, LocalDate, LocalDateTime, LocalTime, MOST_OFFSET, OffsetDateTime, days_of,
    };
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for LocalDate {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let year = u.int_in_range(-LAST_YEAR..=LAST_YEAR)?;
            let month = u.int_in_range(1..=12)?;
            Ok(Self { year, month, day: u.int_in_range(1..=days_of(year, month))? })
        }
    }

    impl<'a> Arbitrary<'a> for LocalTime {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let (hour, minute) = (u.int_in_range(0..=23)?, u.int_in_range(0..=59)?);
            let second = u.int_in_range(0..=59)?;
            Ok(Self { hour, minute, second, nanosecond: u.int_in_range(0..=999_999_999)? })
        }
    }

    impl<'a> Arbitrary<'a> for LocalDateTime {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { date: u.arbitrary()?, time: u.arbitrary()? })
        }
    }

    impl<'a> Arbitrary<'a> for OffsetDateTime {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { local: u.arbitrary()?, offset: u.int_in_range(-MOST_OFFSET..=MOST_OFFSET)? })
        }
    }
}
