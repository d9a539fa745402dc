//! [`Attribute`]: what of an entry a predicate looks at, and the predicates about it.

use alloc::format;
use alloc::string::String;
use core::fmt;

use super::operand::Operand;
use super::predicate::{Comparison, Pattern, Predicate};
use crate::Str;
use crate::hazelcast::serialization::Write;

/// The path of an attribute: of an entry's value, or of its key.
///
/// A path names fields and getters, one inside the other (`"address.city"`), elements (`"wheels[0]"`)
/// or any of them (`"wheels[any]"`). How a member finds them depends on the value: fields of compact
/// records, portables and JSON, or of a Java class that it has.
#[derive(Clone)]
pub struct Attribute(Str);

/// The attribute of a path, in the entry's value.
pub fn attr(path: impl Into<Str>) -> Attribute {
    Attribute(path.into())
}

/// The entry's key: `__key`.
pub fn key() -> Attribute {
    Attribute(Str::from_static("__key"))
}

/// The entry's whole value: `this`.
pub fn this() -> Attribute {
    Attribute(Str::from_static("this"))
}

impl Attribute {
    /// The path.
    pub fn path(&self) -> &str {
        &self.0
    }

    /// An attribute of this attribute: `key().field("city")` is `__key.city`.
    pub fn field(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0).into())
    }

    /// An element of a list or an array, from 0.
    pub fn at(&self, index: u32) -> Self {
        Self(format!("{}[{index}]", self.0).into())
    }

    /// Any element of a list or an array.
    pub fn any(&self) -> Self {
        Self(format!("{}[any]", self.0).into())
    }

    fn compare<'a, T: Write + Send + Sync + 'a>(&self, by: Comparison, value: T) -> Predicate<'a> {
        Predicate::Compare { attribute: self.clone(), by, value: Operand::new(value) }
    }

    /// Is equal to this value, which the member converts to the attribute's type. `None` asks for null.
    pub fn eq<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::Equal, value)
    }

    /// Is another than this value.
    pub fn ne<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::NotEqual, value)
    }

    /// Is greater than this value, which can't be null. Null is neither greater nor less.
    pub fn gt<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::Greater, value)
    }

    /// Is this value or greater.
    pub fn ge<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// Is less than this value, which can't be null.
    pub fn lt<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::Less, value)
    }

    /// Is this value or less.
    pub fn le<'a>(&self, value: impl Write + Send + Sync + 'a) -> Predicate<'a> {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// Is null.
    pub fn is_null<'a>(&self) -> Predicate<'a> {
        self.eq(None::<bool>)
    }

    /// Is not null.
    pub fn is_not_null<'a>(&self) -> Predicate<'a> {
        self.ne(None::<bool>)
    }

    /// Is in this range, both ends included; neither can be null.
    pub fn between<'a>(
        &self,
        from: impl Write + Send + Sync + 'a,
        to: impl Write + Send + Sync + 'a,
    ) -> Predicate<'a> {
        let (from, to) = (Operand::new(from), Operand::new(to));
        Predicate::Between { attribute: self.clone(), from, to }
    }

    /// Is one of these values.
    pub fn is_in<'a, I>(&self, values: I) -> Predicate<'a>
    where
        I: IntoIterator,
        I::Item: Write + Send + Sync + 'a,
    {
        let values = values.into_iter().map(Operand::new).collect();
        Predicate::In { attribute: self.clone(), values }
    }

    fn matching<'a>(&self, how: Pattern, pattern: impl Into<Str>) -> Predicate<'a> {
        Predicate::Match { attribute: self.clone(), how, pattern: pattern.into() }
    }

    /// Is text of this form: `%` stands for any text, `_` for one character, `\` takes the meaning
    /// from the next.
    pub fn like<'a>(&self, pattern: impl Into<Str>) -> Predicate<'a> {
        self.matching(Pattern::Like, pattern)
    }

    /// [`Attribute::like`], with upper and lower case the same.
    pub fn ilike<'a>(&self, pattern: impl Into<Str>) -> Predicate<'a> {
        self.matching(Pattern::LikeIgnoringCase, pattern)
    }

    /// Is text that matches a regular expression, in Java's dialect, as a whole.
    pub fn regex<'a>(&self, expression: impl Into<Str>) -> Predicate<'a> {
        self.matching(Pattern::Regex, expression)
    }
}

impl From<&str> for Attribute {
    fn from(path: &str) -> Self {
        attr(path)
    }
}

impl From<String> for Attribute {
    fn from(path: String) -> Self {
        attr(path)
    }
}

impl From<&Attribute> for Attribute {
    fn from(attribute: &Attribute) -> Self {
        attribute.clone()
    }
}

impl From<Attribute> for Str {
    fn from(attribute: Attribute) -> Self {
        attribute.0
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
