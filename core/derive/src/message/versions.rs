//! Version ranges in the grammar of Kafka's definitions: `"0-13"`, `"3+"`, `"2"`, `"none"`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, LitStr, Result};

/// A range of versions, both ends included; empty if `min > max`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) min: i16,
    pub(crate) max: i16,
}

impl Versions {
    pub(crate) const ALL: Self = Self { min: 0, max: i16::MAX };
    pub(crate) const NONE: Self = Self { min: 0, max: -1 };

    pub(crate) fn parse(text: &LitStr) -> Result<Self> {
        let value = text.value();
        let number = |digits: &str| {
            digits.parse::<i16>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
        };
        let range = if value == "none" {
            Some(Self::NONE)
        } else if let Some(min) = value.strip_suffix('+') {
            number(min).map(|min| Self { min, max: i16::MAX })
        } else if let Some((min, max)) = value.split_once('-') {
            number(min).zip(number(max)).map(|(min, max)| Self { min, max })
        } else {
            number(&value).map(|only| Self { min: only, max: only })
        };
        match range {
            Some(range) if range.is_empty() && range != Self::NONE => {
                Err(Error::new_spanned(text, "this range ends before it begins"))
            }
            Some(range) => Ok(range),
            None => Err(Error::new_spanned(
                text,
                "not a version range: write \"0-13\", \"3+\", \"2\" or \"none\"",
            )),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.min > self.max
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }

    /// An expression that is true for the versions in this range, given that `at` is in `scope`.
    pub(crate) fn test(self, scope: Self) -> Test {
        let Self { min, max } = self;
        if !self.meets(scope) {
            return Test::Never;
        }
        match (min <= scope.min, scope.max <= max) {
            (true, true) => Test::Always,
            (false, true) => Test::If(quote!(at >= #min)),
            (true, false) => Test::If(quote!(at <= #max)),
            (false, false) if min == max => Test::If(quote!(at == #min)),
            (false, false) => Test::If(quote!((#min..=#max).contains(&at))),
        }
    }

    /// The range as an expression of `crate::kafka::wire::Versions`.
    pub(crate) fn emit(self) -> TokenStream {
        let Self { min, max } = self;
        quote!(crate::kafka::wire::Versions::new(#min, #max))
    }
}

/// Whether something holds at the version being read or written.
pub(crate) enum Test {
    Always,
    Never,
    If(TokenStream),
}

impl Test {
    pub(crate) fn expression(&self) -> TokenStream {
        match self {
            Self::Always => quote!(true),
            Self::Never => quote!(false),
            Self::If(test) => test.clone(),
        }
    }
}
