//! Dates of `time`, integers of `num-bigint` and decimals of `bigdecimal`, as values and as ours.
//!
//! `time` because it is `no_std`, small, and has exactly Java's four types: a date, a time, both without
//! a place, and both with an offset. Its years end at ±9999: others are an error on reading.

macro_rules! through {
    ($($theirs:ty, $ours:ty;)*) => {$(
        #[doc = concat!("As [`", stringify!($ours), "`].")]
        impl Write for $theirs {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                <$ours>::try_from(self.clone())
                    .map_err(|_| unwritable::<$theirs>())?
                    .write(to)
            }
        }

        #[doc = concat!("As [`", stringify!($ours), "`]; what it can't hold is refused.")]
        impl Read for $theirs {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                let ours = <$ours>::read(from)?;
                <$theirs>::try_from(ours)
                    .map_err(|_| from.fault(Fault::Other("outside of the range of its Rust type")))
            }
        }
    )*};
}

use super::{Read, Reader, Write, Writer};
use crate::Fault;
use crate::hazelcast::error::{Error, SerializationError};

fn unwritable<T>() -> Error {
    let why = "outside of the range of its Java type";
    SerializationError::Unwritable { what: core::any::type_name::<T>(), why }.into()
}

#[cfg(feature = "time")]
mod dates {
    use super::*;
    use crate::hazelcast::serialization::{LocalDate, LocalDateTime, LocalTime, OffsetDateTime};
    use time::error::ComponentRange;

    through! {
        time::Date, LocalDate;
        time::Time, LocalTime;
        time::PrimitiveDateTime, LocalDateTime;
        time::OffsetDateTime, OffsetDateTime;
    }

    impl From<time::Date> for LocalDate {
        fn from(date: time::Date) -> Self {
            Self { year: date.year(), month: date.month().into(), day: date.day() }
        }
    }

    impl TryFrom<LocalDate> for time::Date {
        type Error = ComponentRange;

        fn try_from(date: LocalDate) -> Result<Self, ComponentRange> {
            Self::from_calendar_date(date.year, date.month.try_into()?, date.day)
        }
    }

    impl From<time::Time> for LocalTime {
        fn from(time: time::Time) -> Self {
            let (hour, minute, second, nanosecond) = time.as_hms_nano();
            Self { hour, minute, second, nanosecond }
        }
    }

    impl TryFrom<LocalTime> for time::Time {
        type Error = ComponentRange;

        fn try_from(time: LocalTime) -> Result<Self, ComponentRange> {
            Self::from_hms_nano(time.hour, time.minute, time.second, time.nanosecond)
        }
    }

    impl From<time::PrimitiveDateTime> for LocalDateTime {
        fn from(it: time::PrimitiveDateTime) -> Self {
            Self { date: it.date().into(), time: it.time().into() }
        }
    }

    impl TryFrom<LocalDateTime> for time::PrimitiveDateTime {
        type Error = ComponentRange;

        fn try_from(it: LocalDateTime) -> Result<Self, ComponentRange> {
            Ok(Self::new(it.date.try_into()?, it.time.try_into()?))
        }
    }

    /// `time` has offsets of up to a day, Java of up to 18 hours; those beyond are refused when they are
    /// written.
    impl From<time::OffsetDateTime> for OffsetDateTime {
        fn from(it: time::OffsetDateTime) -> Self {
            let local = time::PrimitiveDateTime::new(it.date(), it.time());
            Self { local: local.into(), offset: it.offset().whole_seconds() }
        }
    }

    impl TryFrom<OffsetDateTime> for time::OffsetDateTime {
        type Error = ComponentRange;

        fn try_from(it: OffsetDateTime) -> Result<Self, ComponentRange> {
            let offset = time::UtcOffset::from_whole_seconds(it.offset)?;
            Ok(time::PrimitiveDateTime::try_from(it.local)?.assume_offset(offset))
        }
    }
}

#[cfg(feature = "num-bigint")]
mod integers {
    use super::*;
    use crate::hazelcast::serialization::BigInteger;
    use num_bigint::BigInt;

    through! { BigInt, BigInteger; }

    impl From<BigInt> for BigInteger {
        fn from(number: BigInt) -> Self {
            Self::from_be_bytes(&number.to_signed_bytes_be())
        }
    }

    impl From<BigInteger> for BigInt {
        fn from(number: BigInteger) -> Self {
            Self::from_signed_bytes_be(number.to_be_bytes())
        }
    }
}

#[cfg(feature = "bigdecimal")]
mod decimals {
    use super::*;
    use crate::hazelcast::serialization::BigDecimal;
    use core::num::TryFromIntError;

    through! { bigdecimal::BigDecimal, BigDecimal; }

    impl TryFrom<bigdecimal::BigDecimal> for BigDecimal {
        type Error = TryFromIntError;

        fn try_from(number: bigdecimal::BigDecimal) -> Result<Self, TryFromIntError> {
            let (unscaled, scale) = number.into_bigint_and_exponent();
            Ok(Self { unscaled: unscaled.into(), scale: scale.try_into()? })
        }
    }

    impl From<BigDecimal> for bigdecimal::BigDecimal {
        fn from(number: BigDecimal) -> Self {
            Self::new(number.unscaled.into(), number.scale.into())
        }
    }
}
