//! What `#[derive(Compact)]` emits.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Record;

pub(super) fn expand(record: &Record<'_>) -> TokenStream {
    let Record { input, container, fields } = record;
    let (name, hazelcast, type_name) = (&input.ident, &container.hazelcast, &container.name);
    let on_wire = || fields.iter().filter(|field| !field.skip);
    let declared = on_wire().map(|field| {
        let (wire_name, ty) = (&field.wire_name, &field.ty);
        quote_spanned! {field.span()=>
            (#wire_name, <#ty as #hazelcast::compact::CompactField>::KIND)
        }
    });
    let written = on_wire().map(|field| {
        let (wire_name, name) = (&field.wire_name, &field.name);
        quote_spanned!(field.span()=> to.field(#wire_name, &self.#name)?;)
    });
    let read = fields.iter().map(|field| {
        if let Some(skipped) = field.skipped() {
            return skipped;
        }
        let (wire_name, name) = (&field.wire_name, &field.name);
        let value = match field.absent() {
            Some(absent) => {
                quote_spanned!(field.span()=> from.field_or_else(#wire_name, || #absent)?)
            }
            None => quote_spanned!(field.span()=> from.field(#wire_name)?),
        };
        quote!(#name: #value)
    });
    quote! {
        #[automatically_derived]
        impl #hazelcast::compact::Compact for #name {
            fn compact_type() -> &'static #hazelcast::compact::CompactType {
                static TYPE: #hazelcast::compact::CompactType =
                    #hazelcast::compact::CompactType::new(#type_name, &[#(#declared),*]);
                &TYPE
            }

            #[allow(unused_variables)]
            fn write(
                &self,
                to: &mut #hazelcast::compact::CompactWriter<'_, '_>,
            ) -> ::core::result::Result<(), #hazelcast::Error> {
                #(#written)*
                ::core::result::Result::Ok(())
            }

            #[allow(unused_variables)]
            fn read(
                from: &#hazelcast::compact::CompactReader<'_>,
            ) -> ::core::result::Result<Self, #hazelcast::Error> {
                ::core::result::Result::Ok(Self { #(#read),* })
            }
        }
    }
}
