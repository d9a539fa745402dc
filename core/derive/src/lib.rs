//! The attributes in which gridwire-core declares its wire messages.
//!
//! `#[service]` turns a trait into the request, answer and event structs of one Hazelcast service,
//! `#[custom]` a struct into one inside of them; `#[message]` turns a struct into one versioned Kafka
//! message. They emit plain structs with public fields and non-generic `encode` and `decode`
//! functions for both directions, and report a wrong attribute as a compile error under the word that
//! is wrong. They are an implementation detail of gridwire-core: the code they emit names its items
//! by `crate::`.

mod message;
mod service;

use proc_macro::TokenStream;

/// Declares one versioned Kafka message, or a struct inside one.
///
/// On a message: `key`, `versions`, `flexible`, `response` (requests) and `latest_unstable`. On its
/// fields, `#[kafka(..)]`: `versions`, `nullable`, `tag` with `tagged`, `default`, `ignorable`,
/// `flexible = "none"`, and `secret`, which keeps the value out of `Debug`. Ranges are written as in
/// Kafka's definitions: `"0-13"`, `"3+"`, `"2"`, `"none"`.
#[proc_macro_attribute]
pub fn message(attribute: TokenStream, item: TokenStream) -> TokenStream {
    message::expand(attribute.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Declares the messages of one Hazelcast service: see `gridwire_core::hazelcast::message`.
#[proc_macro_attribute]
pub fn service(args: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(args.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares a structure inside of Hazelcast messages.
#[proc_macro_attribute]
pub fn custom(args: TokenStream, item: TokenStream) -> TokenStream {
    service::custom::expand(args.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
