//! The words of `#[message(..)]` and `#[kafka(..)]`.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Path, Result, Token};

use super::versions::Versions;

/// `word` or `word = value`.
struct Word {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        let value =
            if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { name, value })
    }
}

impl Word {
    fn value(&self) -> Result<&Expr> {
        self.value.as_ref().ok_or_else(|| {
            Error::new(self.name.span(), format!("`{0}` needs a value: `{0} = ..`", self.name))
        })
    }

    fn flag(&self) -> Result<bool> {
        match &self.value {
            None => Ok(true),
            Some(value) => {
                Err(Error::new_spanned(value, format!("`{}` takes no value", self.name)))
            }
        }
    }

    fn text(&self) -> Result<&LitStr> {
        match self.value()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
            other => Err(Error::new_spanned(
                other,
                format!("`{}` takes a version range in quotes", self.name),
            )),
        }
    }

    fn range(&self) -> Result<Ranged> {
        let text = self.text()?;
        Ok(Ranged { versions: Versions::parse(text)?, span: text.span() })
    }

    /// Names in the definitions' spelling, as variants of `Listener`.
    fn listeners(&self) -> Result<Vec<Ident>> {
        let text = match self.value()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text,
            other => return Err(Error::new_spanned(other, "`listeners` takes names in quotes")),
        };
        let variant = |name: &str| match name.trim() {
            "broker" => Ok(Ident::new("Broker", text.span())),
            "controller" => Ok(Ident::new("Controller", text.span())),
            "zkBroker" => Ok(Ident::new("ZkBroker", text.span())),
            _ => Err(Error::new_spanned(
                text,
                "listeners are \"broker\", \"controller\" and \"zkBroker\", with commas between",
            )),
        };
        text.value().split(',').map(variant).collect()
    }

    fn number<N: core::str::FromStr>(&self) -> Result<N>
    where
        N::Err: core::fmt::Display,
    {
        match self.value()? {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse(),
            other => Err(Error::new_spanned(other, format!("`{}` takes a number", self.name))),
        }
    }

    fn unknown(&self, known: &str) -> Error {
        Error::new(self.name.span(), format!("unknown word `{}`; known are {known}", self.name))
    }
}

fn words(input: ParseStream<'_>) -> Result<Vec<Word>> {
    let words: Vec<Word> =
        Punctuated::<Word, Token![,]>::parse_terminated(input)?.into_iter().collect();
    for (index, word) in words.iter().enumerate() {
        if words.iter().take(index).any(|earlier| earlier.name == word.name) {
            return Err(Error::new(word.name.span(), format!("`{}` is given twice", word.name)));
        }
    }
    Ok(words)
}

/// A range and where it was written.
#[derive(Clone, Copy)]
pub(crate) struct Ranged {
    pub(crate) versions: Versions,
    pub(crate) span: Span,
}

/// What `#[message(..)]` says.
#[derive(Default)]
pub(crate) struct MessageAttributes {
    pub(crate) key: Option<i16>,
    pub(crate) versions: Option<Ranged>,
    pub(crate) flexible: Option<Ranged>,
    pub(crate) response: Option<Path>,
    pub(crate) latest_unstable: bool,
    /// Who serves a request, as variants of `Listener`; brokers if it is not said.
    pub(crate) listeners: Option<Vec<Ident>>,
    /// Whether only brokers and controllers send a request.
    pub(crate) internal: bool,
    /// Where a response's throttle time is for the client to wait, if not wherever it is there.
    pub(crate) throttles: Option<Ranged>,
    /// Whether messages have thousands of the struct: its fields' code is compiled into its own.
    pub(crate) hot: bool,
}

impl Parse for MessageAttributes {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut found = Self::default();
        for word in words(input)? {
            match word.name.to_string().as_str() {
                "key" => found.key = Some(word.number()?),
                "versions" => found.versions = Some(word.range()?),
                "flexible" => found.flexible = Some(word.range()?),
                "response" => match word.value()? {
                    Expr::Path(path) => found.response = Some(path.path.clone()),
                    other => {
                        return Err(Error::new_spanned(other, "`response` takes a type's name"));
                    }
                },
                "latest_unstable" => found.latest_unstable = word.flag()?,
                "listeners" => found.listeners = Some(word.listeners()?),
                "internal" => found.internal = word.flag()?,
                "throttles" => found.throttles = Some(word.range()?),
                "hot" => found.hot = word.flag()?,
                _ => {
                    return Err(word.unknown(
                        "`key`, `versions`, `flexible`, `response`, `latest_unstable`, `listeners`, \
                         `internal`, `throttles` and `hot`",
                    ));
                }
            }
        }
        Ok(found)
    }
}

impl MessageAttributes {
    /// Whether this is a message of its own, not a struct inside one.
    pub(crate) fn is_message(&self) -> bool {
        self.versions.is_some()
    }

    /// The versions that the struct's code may be run at.
    pub(crate) fn scope(&self) -> Versions {
        self.versions.map_or(Versions::ALL, |ranged| ranged.versions)
    }

    pub(crate) fn flexible(&self) -> Versions {
        match self.flexible {
            Some(ranged) => ranged.versions,
            // A struct inside a message follows it.
            None => Versions::ALL,
        }
    }

    /// Checks that the words fit each other.
    pub(crate) fn check(&self, name: &Ident) -> Result<()> {
        let Some(Ranged { versions, span }) = self.versions else {
            return self.check_nested(name);
        };
        if versions.is_empty() || versions.max == i16::MAX {
            return Err(Error::new(span, "a message has a first and a last version: \"0-13\""));
        }
        let Some(Ranged { versions: flexible, span }) = self.flexible else {
            return Err(Error::new(name.span(), "a message says `flexible = \"9+\"` or \"none\""));
        };
        if !flexible.is_empty() {
            if flexible.max != i16::MAX {
                return Err(Error::new(span, "flexible versions have no end: write \"9+\""));
            }
            if flexible.min > versions.max {
                let text =
                    format!("begins after the last version, {}: write \"none\"", versions.max);
                return Err(Error::new(span, text));
            }
            if flexible.min < versions.min {
                let text = format!("begins below the first version: write \"{}+\"", versions.min);
                return Err(Error::new(span, text));
            }
        }
        let text = name.to_string();
        if self.key.is_some() && text.ends_with("Request") && self.response.is_none() {
            return Err(Error::new(name.span(), "a request names its `response = ..`"));
        }
        if self.key.is_some() && !text.ends_with("Request") && !text.ends_with("Response") {
            return Err(Error::new(
                name.span(),
                "a message with a `key` is a Request or a Response",
            ));
        }
        if let Some(response) = &self.response {
            if self.key.is_none() || !text.ends_with("Request") {
                let text = "only a request, which has a `key`, has a `response`";
                return Err(Error::new(response.span(), text));
            }
            if let Some(throttles) = self.throttles {
                return Err(Error::new(throttles.span, "`throttles` is said on the response"));
            }
        } else if self.latest_unstable || self.internal || self.listeners.is_some() {
            let text = "`latest_unstable`, `listeners` and `internal` are said on the request";
            return Err(Error::new(name.span(), text));
        }
        Ok(())
    }

    fn check_nested(&self, name: &Ident) -> Result<()> {
        let api = self.response.is_some() || self.listeners.is_some() || self.throttles.is_some();
        if self.key.is_some() || api || self.latest_unstable || self.internal {
            return Err(Error::new(name.span(), "a message with a `key` says its `versions`"));
        }
        match self.flexible {
            Some(Ranged { versions, span }) if !versions.is_empty() => Err(Error::new(
                span,
                "a struct inside a message is as flexible as the message; only \"none\" is said",
            )),
            _ => Ok(()),
        }
    }
}

/// What `#[kafka(..)]` says of a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) versions: Option<Ranged>,
    pub(crate) nullable: Option<Ranged>,
    pub(crate) tag: Option<(u32, Span)>,
    pub(crate) tagged: Option<Ranged>,
    pub(crate) default: Option<Expr>,
    pub(crate) ignorable: bool,
    pub(crate) classic: bool,
    pub(crate) secret: bool,
}

impl FieldAttributes {
    /// Takes the `#[kafka(..)]` attributes out of a field's.
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> Result<Self> {
        let mut found = Self::default();
        let (ours, others) = core::mem::take(attributes)
            .into_iter()
            .partition(|attribute| attribute.path().is_ident("kafka"));
        *attributes = others;
        let ours: Vec<Attribute> = ours;
        if let Some(second) = ours.get(1) {
            return Err(Error::new_spanned(second, "one `#[kafka(..)]` per field is enough"));
        }
        for attribute in ours {
            for word in attribute.parse_args_with(words)? {
                found.set(&word)?;
            }
        }
        Ok(found)
    }

    fn set(&mut self, word: &Word) -> Result<()> {
        match word.name.to_string().as_str() {
            "versions" => self.versions = Some(word.range()?),
            "nullable" => self.nullable = Some(word.range()?),
            "tag" => self.tag = Some((word.number()?, word.name.span())),
            "tagged" => self.tagged = Some(word.range()?),
            "default" => self.default = Some(word.value()?.clone()),
            "ignorable" => self.ignorable = word.flag()?,
            "secret" => self.secret = word.flag()?,
            "flexible" => {
                let range = word.range()?;
                if !range.versions.is_empty() {
                    return Err(Error::new(
                        range.span,
                        "a field is flexible where its message is; only \"none\" is said",
                    ));
                }
                self.classic = true;
            }
            _ => {
                return Err(word.unknown(
                    "`versions`, `nullable`, `tag`, `tagged`, `default`, `ignorable`, `secret` and \
                     `flexible`",
                ));
            }
        }
        Ok(())
    }
}
