//! The words of `#[compact(..)]`, `#[portable(..)]` and `#[identified(..)]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, DeriveInput, Error, Expr, Ident, LitStr, Path, Result, Token};

use super::Format;

/// What stands on the struct.
pub(super) struct Container {
    format: Format,
    /// `::gridwire_core::hazelcast`, or where else it is.
    pub(super) hazelcast: TokenStream,
    /// Compact.
    pub(super) name: Option<LitStr>,
    /// Identified, portable.
    pub(super) factory: Option<Expr>,
    pub(super) class: Option<Expr>,
    /// Portable.
    pub(super) version: Option<Expr>,
    pub(super) rename_all: Option<Case>,
}

/// How Rust's names are spelled elsewhere.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Camel,
    Pascal,
}

/// What stands on a field.
#[derive(Default)]
pub(super) struct FieldWords {
    pub(super) rename: Option<LitStr>,
    pub(super) default: Option<DefaultValue>,
    pub(super) skip: Option<Span>,
    pub(super) object: bool,
    pub(super) partition_key: Option<Span>,
}

/// What a field is that isn't there.
pub(super) enum DefaultValue {
    /// That of its type.
    OfType,
    Given(Expr),
}

impl Container {
    pub(super) fn parse(format: Format, input: &DeriveInput) -> Result<Self> {
        let mut found = Self {
            format,
            hazelcast: quote!(::gridwire_core::hazelcast),
            name: None,
            factory: None,
            class: None,
            version: None,
            rename_all: None,
        };
        let mut seen = Vec::new();
        each(format, &input.attrs, |meta| {
            let word = once(&mut seen, meta)?;
            match (word.to_string().as_str(), format) {
                ("crate", _) => {
                    let path: Path = value(meta)?.call(Path::parse_mod_style)?;
                    found.hazelcast = quote!(#path::hazelcast);
                }
                ("name", Format::Compact) => found.name = Some(text(meta)?),
                ("rename_all", Format::Compact | Format::Portable) => {
                    found.rename_all = Some(Case::parse(meta)?);
                }
                ("factory", Format::Identified | Format::Portable) => {
                    found.factory = Some(value(meta)?.parse()?);
                }
                ("class", Format::Identified | Format::Portable) => {
                    found.class = Some(value(meta)?.parse()?);
                }
                ("version", Format::Portable) => found.version = Some(value(meta)?.parse()?),
                _ => {
                    return Err(unknown(
                        meta,
                        match format {
                            Format::Compact => "`name`, `rename_all` and `crate`",
                            Format::Identified => "`factory`, `class` and `crate`",
                            Format::Portable => {
                                "`factory`, `class`, `version`, `rename_all` and `crate`"
                            }
                        },
                    ));
                }
            }
            Ok(())
        })?;
        found.complete(input)?;
        Ok(found)
    }

    /// Whether what identifies the type is there.
    fn complete(&self, input: &DeriveInput) -> Result<()> {
        let lacks = match self.format {
            Format::Compact => (self.name.is_none()).then_some(
                "a compact type has a name that all programs agree on: `#[compact(name = \"..\")]`",
            ),
            Format::Identified => (self.factory.is_none() || self.class.is_none()).then_some(
                "an identified type has two ids that all programs agree on: \
                 `#[identified(factory = .., class = ..)]`",
            ),
            Format::Portable => (self.factory.is_none() || self.class.is_none()).then_some(
                "a portable type has two ids that all programs agree on: \
                 `#[portable(factory = .., class = ..)]`",
            ),
        };
        lacks.map_or(Ok(()), |lacks| Err(Error::new_spanned(&input.ident, lacks)))
    }

    /// The module with the format's `write` and `read`.
    pub(super) fn module(&self) -> TokenStream {
        let hazelcast = &self.hazelcast;
        match self.format {
            Format::Compact => quote!(#hazelcast::compact),
            Format::Identified => quote!(#hazelcast::serialization::identified),
            Format::Portable => quote!(#hazelcast::portable),
        }
    }
}

impl FieldWords {
    pub(super) fn parse(format: Format, attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        let mut seen = Vec::new();
        each(format, attributes, |meta| {
            let word = once(&mut seen, meta)?;
            match (word.to_string().as_str(), format) {
                ("rename", Format::Compact | Format::Portable) => found.rename = Some(text(meta)?),
                ("rename", Format::Identified) => {
                    return Err(meta.error("the fields of an identified type have no names"));
                }
                ("object", Format::Identified) => found.object = true,
                ("default", _) => {
                    found.default = Some(if meta.input.peek(Token![=]) {
                        DefaultValue::Given(value(meta)?.parse()?)
                    } else {
                        DefaultValue::OfType
                    });
                }
                ("skip", _) => found.skip = Some(word.span()),
                ("partition_key", _) => found.partition_key = Some(word.span()),
                _ => {
                    return Err(unknown(
                        meta,
                        match format {
                            Format::Compact | Format::Portable => {
                                "`rename`, `default`, `skip` and `partition_key`"
                            }
                            Format::Identified => "`object`, `default`, `skip` and `partition_key`",
                        },
                    ));
                }
            }
            Ok(())
        })?;
        if let (Some(span), Some(_)) = (found.skip, &found.rename) {
            return Err(Error::new(span, "a field that is skipped has no name"));
        }
        Ok(found)
    }
}

impl Case {
    fn parse(meta: &ParseNestedMeta<'_>) -> Result<Self> {
        let text = text(meta)?;
        match text.value().as_str() {
            "camelCase" => Ok(Self::Camel),
            "PascalCase" => Ok(Self::Pascal),
            _ => Err(Error::new(text.span(), "expected \"camelCase\" or \"PascalCase\"")),
        }
    }

    /// A name in snake case, spelled so.
    pub(super) fn apply(self, name: &str) -> String {
        let mut spelled = String::new();
        let mut upper = matches!(self, Self::Pascal);
        for letter in name.chars() {
            match letter {
                '_' => upper = !spelled.is_empty() || matches!(self, Self::Pascal),
                _ if upper => {
                    spelled.extend(letter.to_uppercase());
                    upper = false;
                }
                _ => spelled.push(letter),
            }
        }
        spelled
    }
}

/// Every word in the attributes of the format.
fn each(
    format: Format,
    attributes: &[Attribute],
    mut take: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes.iter().filter(|it| it.path().is_ident(format.attribute())) {
        attribute.parse_nested_meta(|meta| take(&meta))?;
    }
    Ok(())
}

/// A word that may stand there once.
fn once(seen: &mut Vec<Ident>, meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let word = meta.path.require_ident()?.clone();
    if seen.contains(&word) {
        return Err(Error::new(word.span(), format!("`{word}` is given twice")));
    }
    seen.push(word.clone());
    Ok(word)
}

fn value<'a>(meta: &ParseNestedMeta<'a>) -> Result<syn::parse::ParseStream<'a>> {
    meta.value().map_err(|_| {
        let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        meta.error(format!("`{word}` needs a value: `{word} = ..`"))
    })
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    let text: LitStr = value(meta)?.parse()?;
    if text.value().is_empty() {
        return Err(Error::new(text.span(), "a name has at least one character"));
    }
    Ok(text)
}

fn unknown(meta: &ParseNestedMeta<'_>, known: &str) -> Error {
    let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
    meta.error(format!("unknown word `{word}`; known are {known}"))
}
