//! What `#[derive(IdentifiedData)]` emits.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Record;

pub(super) fn expand(record: &Record<'_>) -> TokenStream {
    let Record { input, container, fields } = record;
    let (name, hazelcast) = (&input.ident, &container.hazelcast);
    let (factory, class) = (&container.factory, &container.class);
    let identified = quote!(#hazelcast::serialization::identified);
    let written = fields.iter().filter(|field| !field.skip).map(|field| {
        let name = &field.name;
        if field.object {
            quote_spanned!(field.span()=> to.object(&self.#name)?;)
        } else {
            quote_spanned!(field.span()=> #identified::Field::write_field(&self.#name, to)?;)
        }
    });
    // In the order in which they were written, which the fields of a struct are evaluated in.
    let read = fields.iter().map(|field| {
        if let Some(skipped) = field.skipped() {
            return skipped;
        }
        let (name, ty) = (&field.name, &field.ty);
        let read = if field.object {
            quote_spanned!(field.span()=> from.object::<#ty>()?)
        } else {
            quote_spanned!(field.span()=> <#ty as #identified::Field>::read_field(from)?)
        };
        // Null in an older record is written as null, so only an explicit default stands for less.
        match field.default.as_ref().and_then(|_| field.absent()) {
            Some(absent) => quote! {
                #name: if from.remaining() == 0 { #absent } else { #read }
            },
            None => quote!(#name: #read),
        }
    });
    quote! {
        #[automatically_derived]
        impl #identified::Identified for #name {
            const FACTORY_ID: i32 = #factory;
            const CLASS_ID: i32 = #class;

            #[allow(unused_variables)]
            fn write_fields(
                &self,
                to: &mut #hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), #hazelcast::Error> {
                #(#written)*
                ::core::result::Result::Ok(())
            }

            #[allow(unused_variables)]
            fn read_fields(
                from: &mut #hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, #hazelcast::Error> {
                ::core::result::Result::Ok(Self { #(#read),* })
            }
        }
    }
}
