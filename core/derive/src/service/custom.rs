//! `#[custom]`: a structure inside of messages.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemStruct, LitStr};

use super::fields::{Field, Fields, Version};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item: ItemStruct = syn::parse2(item)?;
    let mut since = Version::FIRST;
    let mut wire_name = item.ident.to_string();
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("since") {
            since = Version::parse(&meta.value()?.parse()?)?;
        } else if meta.path.is_ident("name") {
            wire_name = meta.value()?.parse::<LitStr>()?.value();
        } else {
            return Err(meta.error("unknown argument: expected `since` or `name`"));
        }
        Ok(())
    });
    syn::parse::Parser::parse2(parser, args)?;
    let syn::Fields::Named(named) = &item.fields else {
        return Err(syn::Error::new_spanned(&item.ident, "a custom type has named fields"));
    };
    let fields = named
        .named
        .iter()
        .map(|field| {
            let name = field
                .ident
                .clone()
                .ok_or_else(|| syn::Error::new_spanned(field, "a custom type has named fields"))?;
            Field::parse(name, field.ty.clone(), &field.attrs, since)
        })
        .collect::<syn::Result<Vec<_>>>()?;
    let fields = Fields(fields);

    let name = &item.ident;
    let docs: Vec<_> =
        item.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect();
    if let Some(other) = item.attrs.iter().find(|attr| !attr.path().is_ident("doc")) {
        return Err(syn::Error::new_spanned(other, "a custom type takes no further attributes"));
    }
    let declaration = fields.declare(name, &docs, "");
    let schema = fields.schema();
    let since = since.tokens();
    let read = fields.read(&name.to_string());
    let part = if fields.own_frame() { quote!(Own) } else { quote!(Begin) };
    let put = fields.put_fixed();
    let begin = if fields.own_frame() {
        quote!(__out.begin(); __out.begin_frame(0); #put __out.end_frame();)
    } else if fields.any_fixed() {
        quote! {
            __out.begin_frame(crate::hazelcast::frame::flags::BEGIN_DATA_STRUCTURE);
            #put
            __out.end_frame();
        }
    } else {
        quote!(__out.begin();)
    };
    let write = fields.write_var();
    Ok(quote! {
        #declaration

        impl crate::hazelcast::wire::Item for #name {
            type Layout = crate::hazelcast::wire::Framed;
            const SHAPE: crate::hazelcast::schema::Shape =
                crate::hazelcast::schema::Shape::Custom(&crate::hazelcast::schema::CustomSchema {
                    name: #wire_name,
                    since: #since,
                    fields: #schema,
                });
        }

        impl crate::hazelcast::wire::Var for #name {
            fn read(
                &mut self,
                __from: &mut crate::hazelcast::FrameReader<'_>,
            ) -> ::core::result::Result<(), crate::hazelcast::reader::Failed> {
                __from.begin_custom(crate::hazelcast::reader::FixedPart::#part)?;
                #read
                __from.end_custom()
            }

            fn write(&self, __out: &mut crate::hazelcast::FrameWriter) {
                #begin
                #write
                __out.end();
            }
        }
    })
}
