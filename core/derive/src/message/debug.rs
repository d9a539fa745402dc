//! `Debug` of a message: derived, unless a field is `secret`, which is then shown as that word.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{ItemStruct, parse_quote};

use super::field::Field;

/// Adds the derive to the struct, or returns an impl of its own. The struct has all its fields.
pub(crate) fn debug(item: &mut ItemStruct, fields: &[Field]) -> TokenStream {
    if !fields.iter().any(|field| field.secret) {
        item.attrs.push(parse_quote!(#[derive(Debug)]));
        return TokenStream::new();
    }
    let ident = &item.ident;
    let text = ident.to_string();
    let shown = item.fields.iter().filter_map(|field| field.ident.as_ref()).map(|name| {
        let text = name.unraw().to_string();
        if fields.iter().any(|field| field.secret && field.name == *name) {
            quote!(.field(#text, &format_args!("secret")))
        } else {
            quote!(.field(#text, &self.#name))
        }
    });
    quote! {
        impl core::fmt::Debug for #ident {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(#text)#(#shown)*.finish()
            }
        }
    }
}
