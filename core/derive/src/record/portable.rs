//! What `#[derive(Portable)]` emits.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Record;

pub(super) fn expand(record: &Record<'_>) -> TokenStream {
    let Record { input, container, fields } = record;
    let (name, hazelcast) = (&input.ident, &container.hazelcast);
    let (factory, class) = (&container.factory, &container.class);
    let version = container.version.as_ref().map(|version| {
        quote! {
            const VERSION: ::core::option::Option<i32> = ::core::option::Option::Some(#version);
        }
    });
    let written = fields.iter().filter(|field| !field.skip).map(|field| {
        let (wire_name, name) = (&field.wire_name, &field.name);
        quote_spanned!(field.span()=> to.field(#wire_name, &self.#name)?;)
    });
    let read = fields.iter().map(|field| {
        if let Some(skipped) = field.skipped() {
            return skipped;
        }
        let (wire_name, name) = (&field.wire_name, &field.name);
        let value = match field.absent() {
            Some(absent) => quote_spanned! {field.span()=>
                from.present(#wire_name)?.unwrap_or_else(|| #absent)
            },
            None => quote_spanned!(field.span()=> from.field(#wire_name)?),
        };
        quote!(#name: #value)
    });
    quote! {
        #[automatically_derived]
        impl #hazelcast::portable::Portable for #name {
            const FACTORY_ID: i32 = #factory;
            const CLASS_ID: i32 = #class;
            #version

            #[allow(unused_variables)]
            fn write_fields(
                &self,
                to: &mut #hazelcast::portable::PortableWriter<'_, '_>,
            ) -> ::core::result::Result<(), #hazelcast::Error> {
                #(#written)*
                ::core::result::Result::Ok(())
            }

            #[allow(unused_variables)]
            fn read_fields(
                from: &#hazelcast::portable::PortableReader<'_>,
            ) -> ::core::result::Result<Self, #hazelcast::Error> {
                ::core::result::Result::Ok(Self { #(#read),* })
            }
        }
    }
}
