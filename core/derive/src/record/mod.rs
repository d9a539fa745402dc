//! `#[derive(Compact)]`, `#[derive(Portable)]`, `#[derive(IdentifiedData)]`: structs of users as records
//! of Hazelcast. One grammar of attributes for all three; what each emits is in a file of its own.
//!
//! ```text
//! on the struct   compact     name = ".."                            rename_all = ".."  crate = path
//!                 portable    factory = 1, class = 2, version = 0    rename_all = ".."  crate = path
//!                 identified  factory = 1, class = 2                                    crate = path
//! on a field      compact, portable   rename = ".."   default   default = expr   skip   partition_key
//!                 identified          object          default   default = expr   skip   partition_key
//! ```

mod attributes;
mod compact;
mod fields;
mod identified;
mod portable;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use attributes::Container;
use fields::Field;

/// The three formats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Compact,
    Identified,
    Portable,
}

impl Format {
    /// The attribute's name.
    const fn attribute(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Identified => "identified",
            Self::Portable => "portable",
        }
    }

    /// A type of it, in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Compact => "a compact type",
            Self::Identified => "an identified type",
            Self::Portable => "a portable type",
        }
    }
}

/// A struct that was read.
struct Record<'a> {
    input: &'a DeriveInput,
    container: Container,
    fields: Vec<Field>,
}

pub(crate) fn expand(format: Format, input: &DeriveInput) -> Result<TokenStream> {
    let container = Container::parse(format, input)?;
    let fields = fields::parse(format, input, &container)?;
    let record = Record { input, container, fields };
    let own = match format {
        Format::Compact => compact::expand(&record),
        Format::Identified => identified::expand(&record),
        Format::Portable => portable::expand(&record),
    };
    let partition_key = record.partition_key();
    let Record { input, container, .. } = &record;
    let (name, hazelcast, module) = (&input.ident, &container.hazelcast, container.module());
    Ok(quote! {
        #own

        #[automatically_derived]
        impl #hazelcast::Write for #name {
            fn write(
                &self,
                to: &mut #hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), #hazelcast::Error> {
                #module::write(self, to)
            }
            #partition_key
        }

        #[automatically_derived]
        impl #hazelcast::Read for #name {
            fn read(
                from: &mut #hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, #hazelcast::Error> {
                #module::read(from)
            }
        }

        #[automatically_derived]
        impl #hazelcast::serialization::identified::ObjectField for #name {}
    })
}

impl Record<'_> {
    /// The method that tells the partition key, if a field is one.
    fn partition_key(&self) -> Option<TokenStream> {
        let field = self.fields.iter().find(|field| field.partition_key)?;
        let (name, hazelcast) = (&field.name, &self.container.hazelcast);
        Some(quote! {
            fn partition_key(&self) -> ::core::option::Option<&dyn #hazelcast::Write> {
                ::core::option::Option::Some(&self.#name)
            }
        })
    }
}
