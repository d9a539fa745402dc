//! The fields of a struct, with what their attributes say.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Result, Type};

use super::Format;
use super::attributes::{Container, DefaultValue, FieldWords};

pub(super) struct Field {
    /// In Rust.
    pub(super) name: Ident,
    pub(super) ty: Type,
    /// What it is called on the wire, where fields have names.
    pub(super) wire_name: String,
    pub(super) default: Option<DefaultValue>,
    pub(super) skip: bool,
    pub(super) object: bool,
    pub(super) partition_key: bool,
}

/// The fields of a struct that can be a record.
pub(super) fn parse(
    format: Format,
    input: &DeriveInput,
    container: &Container,
) -> Result<Vec<Field>> {
    let words = format.words();
    if !input.generics.params.is_empty() {
        let why = format!("{words} can't be generic: it has one identity and one set of fields");
        return Err(Error::new_spanned(&input.generics, why));
    }
    let named = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => Some(&named.named),
            Fields::Unit => None,
            Fields::Unnamed(fields) => {
                let why = format!("{words} is a struct with named fields");
                return Err(Error::new_spanned(fields, why));
            }
        },
        Data::Enum(data) => {
            let why = format!("{words} is a struct with named fields, not an enum");
            return Err(Error::new(data.enum_token.span, why));
        }
        Data::Union(data) => {
            let why = format!("{words} is a struct with named fields, not a union");
            return Err(Error::new(data.union_token.span, why));
        }
    };
    let mut fields: Vec<Field> = Vec::new();
    let mut key = false;
    for field in named.into_iter().flatten() {
        let Some(name) = field.ident.clone() else { continue };
        let words = FieldWords::parse(format, &field.attrs)?;
        let plain = unraw(&name);
        let (wire_name, span) = match (&words.rename, container.rename_all) {
            (Some(rename), _) => (rename.value(), rename.span()),
            (None, Some(case)) => (case.apply(&plain), name.span()),
            (None, None) => (plain, name.span()),
        };
        if let Some(span) = words.partition_key
            && core::mem::replace(&mut key, true)
        {
            return Err(Error::new(span, "another field is the partition key already"));
        }
        let skip = words.skip.is_some();
        if !skip && fields.iter().any(|other| !other.skip && other.wire_name == wire_name) {
            return Err(Error::new(span, format!("another field is called `{wire_name}`")));
        }
        fields.push(Field {
            name,
            ty: field.ty.clone(),
            wire_name,
            default: words.default,
            skip,
            object: words.object,
            partition_key: words.partition_key.is_some(),
        });
    }
    Ok(fields)
}

fn unraw(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

impl Field {
    /// Where errors about its type are shown; lints know all the same that nobody wrote it there.
    pub(super) fn span(&self) -> Span {
        Span::call_site().located_at(self.ty.span())
    }

    /// What it is where it isn't written; null for what may be.
    pub(super) fn absent(&self) -> Option<TokenStream> {
        match &self.default {
            Some(DefaultValue::Given(value)) => Some(quote!(#value)),
            None if !self.skip && !self.is_option() => None,
            _ => Some(self.default_of_type()),
        }
    }

    fn default_of_type(&self) -> TokenStream {
        let ty = &self.ty;
        quote_spanned!(self.span()=> <#ty as ::core::default::Default>::default())
    }

    /// As far as can be seen from how it is spelled.
    fn is_option(&self) -> bool {
        let Type::Path(path) = &self.ty else { return false };
        path.path.segments.last().is_some_and(|segment| segment.ident == "Option")
    }

    /// `name: value` of a field that isn't on the wire.
    pub(super) fn skipped(&self) -> Option<TokenStream> {
        let name = &self.name;
        let value = self.skip.then(|| self.absent())??;
        Some(quote!(#name: #value))
    }
}
