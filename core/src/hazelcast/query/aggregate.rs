//! [`Aggregator`]: one result of all entries, worked out where they are.
//!
//! ```
//! use gridwire_core::hazelcast::query::aggregate;
//!
//! let oldest = aggregate::max::<i32>().of("age");   // an Aggregator<Option<i32>>
//! let all = aggregate::count();                     // an Aggregator<i64>
//! assert_eq!(format!("{oldest}, {all}"), "Max(age), Count(this)");
//! ```
//!
//! ```text
//! 01 (identified) | factory i32 = -29 | class i32 | str path (-1: the whole value) | state
//! ```
//!
//! The state is what an aggregator has gathered; it is sent empty. An aggregator says in its type what
//! it results in, and every one but [`max`], [`min`], [`max_by`], [`min_by`] and [`distinct`] knows.

use core::fmt;
use core::marker::PhantomData;

use super::attribute::Attribute;
use super::object;
use super::operand::Operand;
use super::result::Distinct;
use crate::Fault;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{
    BigDecimal, BigInteger, Entry, Read, Reader, TypeId, Write, Writer, identified,
};

const FACTORY: i32 = -29;

/// An aggregation whose result is an `R`.
pub struct Aggregator<'a, R> {
    aggregation: Aggregation<'a>,
    result: PhantomData<fn() -> R>,
}

/// What is aggregated, whatever the result's type: what a member is sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Aggregation<'a> {
    /// One that every member knows.
    Known {
        /// What to do.
        function: Function,
        /// Of which attribute; of the whole value, if of none.
        attribute: Option<Attribute>,
    },
    /// One of a class that the members have.
    Custom(Operand<'a>),
}

/// What of the state comes next, and how nothing of it is written.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Int,
    Long,
    Double,
    Null,
    BigInteger,
    BigDecimal,
}

macro_rules! functions {
    ($($class:literal $name:ident $slots:tt $doc:literal;)*) => {
        /// The aggregations that every member knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Function {
            $(#[doc = $doc] $name = $class,)*
        }

        impl Function {
            /// All of them, by their class ids from 0.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            fn state(self) -> &'static [Slot] {
                use Slot::*;
                match self {
                    $(Self::$name => &$slots,)*
                }
            }
        }
    };
}

functions! {
    0 BigDecimalAvg [BigDecimal, Long] "The mean of `BigDecimal`s.";
    1 BigDecimalSum [BigDecimal] "The sum of `BigDecimal`s.";
    2 BigIntegerAvg [BigInteger, Long] "The mean of `BigInteger`s, a `BigDecimal`.";
    3 BigIntegerSum [BigInteger] "The sum of `BigInteger`s.";
    4 Count [Long] "How many.";
    5 Distinct [Int] "Every value once.";
    6 DoubleAvg [Double, Long] "The mean of `Double`s.";
    7 DoubleSum [Double] "The sum of `Double`s.";
    8 FixedPointSum [Long] "The sum of any numbers, without what is behind the point.";
    9 FloatingPointSum [Double] "The sum of any numbers.";
    10 IntegerAvg [Long, Long] "The mean of `Integer`s.";
    11 IntegerSum [Long] "The sum of `Integer`s.";
    12 LongAvg [Long, Long] "The mean of `Long`s.";
    13 LongSum [Long] "The sum of `Long`s.";
    14 Max [Null] "The greatest.";
    15 Min [Null] "The least.";
    16 NumberAvg [Double, Long] "The mean of any numbers.";
    17 MaxBy [Null, Null] "The entry with the greatest.";
    18 MinBy [Null, Null] "The entry with the least.";
}

macro_rules! aggregators {
    ($($(#[doc = $doc:literal])+ $name:ident $function:ident -> $result:ty;)*) => {$(
        $(#[doc = $doc])+
        pub fn $name() -> Aggregator<'static, $result> {
            Aggregator::known(Function::$function)
        }
    )*};
}

aggregators! {
    /// How many entries there are; with an attribute, that have it.
    count Count -> i64;
    /// The mean of `i32`s, `None` of none.
    i32_avg IntegerAvg -> Option<f64>;
    /// The mean of `i64`s, `None` of none.
    i64_avg LongAvg -> Option<f64>;
    /// The mean of `f64`s, `None` of none. Where numbers are of several types: [`avg`].
    f64_avg DoubleAvg -> Option<f64>;
    /// The mean of numbers of any type, `None` of none.
    avg NumberAvg -> Option<f64>;
    /// The sum of `i32`s.
    i32_sum IntegerSum -> i64;
    /// The sum of `i64`s.
    i64_sum LongSum -> i64;
    /// The sum of `f64`s. Where numbers are of several types: [`sum`].
    f64_sum DoubleSum -> f64;
    /// The sum of numbers of any type.
    sum FloatingPointSum -> f64;
    /// The mean of [`BigDecimal`]s, `None` of none.
    decimal_avg BigDecimalAvg -> Option<BigDecimal>;
    /// The sum of [`BigDecimal`]s.
    decimal_sum BigDecimalSum -> BigDecimal;
    /// The mean of [`BigInteger`]s, `None` of none.
    integer_avg BigIntegerAvg -> Option<BigDecimal>;
    /// The sum of [`BigInteger`]s.
    integer_sum BigIntegerSum -> BigInteger;
    /// The sum of numbers of any type, each without what is behind the point.
    whole_sum FixedPointSum -> i64;
}

/// The greatest, `None` of none.
pub fn max<T>() -> Aggregator<'static, Option<T>> {
    Aggregator::known(Function::Max)
}

/// The least, `None` of none.
pub fn min<T>() -> Aggregator<'static, Option<T>> {
    Aggregator::known(Function::Min)
}

/// The entry with the greatest, `None` of none.
pub fn max_by<K, V>() -> Aggregator<'static, Option<Entry<K, V>>> {
    Aggregator::known(Function::MaxBy)
}

/// The entry with the least, `None` of none.
pub fn min_by<K, V>() -> Aggregator<'static, Option<Entry<K, V>>> {
    Aggregator::known(Function::MinBy)
}

/// Every value once.
pub fn distinct<T>() -> Aggregator<'static, Distinct<T>> {
    Aggregator::known(Function::Distinct)
}

/// An aggregator of a class that the members have, as any value that they read it from.
pub fn custom<'a, R>(aggregator: impl Write + Send + Sync + 'a) -> Aggregator<'a, R> {
    let aggregation = Aggregation::Custom(Operand::new(aggregator));
    Aggregator { aggregation, result: PhantomData }
}

impl<R> Aggregator<'_, R> {
    const fn known(function: Function) -> Self {
        let aggregation = Aggregation::Known { function, attribute: None };
        Self { aggregation, result: PhantomData }
    }

    /// Of this attribute, instead of the whole value. A path may have `[any]` in it. A custom
    /// aggregator has attributes of its own, and stays as it is.
    pub fn of(mut self, path: impl Into<Attribute>) -> Self {
        if let Aggregation::Known { attribute, .. } = &mut self.aggregation {
            *attribute = Some(path.into());
        }
        self
    }
}

impl<'a, R> Aggregator<'a, R> {
    /// What is aggregated.
    pub fn aggregation(&self) -> &Aggregation<'a> {
        &self.aggregation
    }
}

impl<R> Clone for Aggregator<'_, R> {
    fn clone(&self) -> Self {
        Self { aggregation: self.aggregation.clone(), result: PhantomData }
    }
}

impl<R> Write for Aggregator<'_, R> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.aggregation.write(to)
    }
    fn raw(&self) -> Option<&Data> {
        self.aggregation.raw()
    }
}

impl Write for Aggregation<'_> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let (function, attribute) = match self {
            Self::Known { function, attribute } => (*function, attribute),
            Self::Custom(aggregator) => return to.present(aggregator, "an aggregator"),
        };
        identified::start(FACTORY, function as i32, to);
        let path = attribute.as_ref().map(Attribute::path);
        path.map_or(Ok(()), object::path)?;
        to.text(path)?;
        for slot in function.state() {
            match slot {
                Slot::Int => to.i32(0),
                Slot::Long => to.i64(0),
                Slot::Double => to.f64(0.0),
                Slot::Null => to.type_id(TypeId::NULL),
                Slot::BigInteger => to.object(&BigInteger::default())?,
                Slot::BigDecimal => to.object(&BigDecimal::default())?,
            }
        }
        Ok(())
    }
    fn raw(&self) -> Option<&Data> {
        match self {
            Self::Known { .. } => None,
            Self::Custom(aggregator) => aggregator.raw(),
        }
    }
}

impl Read for Aggregation<'_> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let Some(class) = object::class(from, FACTORY)? else {
            return object::foreign(from, "an aggregator").map(Self::Custom);
        };
        let function = usize::try_from(class).ok().and_then(|class| Function::ALL.get(class));
        let function = *function.ok_or_else(|| from.fault(Fault::Value(class.into())))?;
        let attribute = from.text()?.map(Attribute::from);
        attribute.as_ref().map_or(Ok(()), |path| object::path(path.path()))?;
        for slot in function.state() {
            let empty = match slot {
                Slot::Int => from.i32()? == 0,
                Slot::Long => from.i64()? == 0,
                Slot::Double => from.f64()?.to_bits() == 0,
                Slot::Null => from.i32()? == TypeId::NULL.0,
                Slot::BigInteger => from.object::<BigInteger>()? == BigInteger::default(),
                Slot::BigDecimal => from.object::<BigDecimal>()? == BigDecimal::default(),
            };
            if !empty {
                return Err(Error::Unsupported("an aggregator that has begun"));
            }
        }
        Ok(Self::Known { function, attribute })
    }
}

impl fmt::Display for Aggregation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known { function, attribute: Some(path) } => write!(f, "{function:?}({path})"),
            Self::Known { function, attribute: None } => write!(f, "{function:?}(this)"),
            Self::Custom(aggregator) => aggregator.fmt(f),
        }
    }
}

impl<R> fmt::Display for Aggregator<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.aggregation, f)
    }
}

impl<R> fmt::Debug for Aggregator<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.aggregation, f)
    }
}
