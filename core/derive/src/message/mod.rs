//! `#[message]`: one versioned Kafka message.
//!
//! The struct stays as it is written and gains `unknown_tags`; [`emit`] adds how it is read and
//! written. The emitted code is a flat list of calls into `crate::kafka::wire`, since there are
//! hundreds of structs and each line is compiled for every one of them. Only of a `hot` struct are the
//! calls inlined.

mod attributes;
mod debug;
mod emit;
mod field;
mod versions;

use proc_macro2::TokenStream;
use syn::{Error, Fields, ItemStruct, Result};

use attributes::MessageAttributes;
use field::Field;

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let attributes: MessageAttributes = syn::parse2(attribute)?;
    let mut item: ItemStruct = syn::parse2(item)?;
    attributes.check(&item.ident)?;
    let Fields::Named(fields) = &mut item.fields else {
        return Err(Error::new_spanned(&item.ident, "a message is a struct with named fields"));
    };
    let mut parsed = Vec::new();
    let mut errors: Option<Error> = None;
    for field in &mut fields.named {
        match Field::parse(field, &attributes) {
            Ok(field) => parsed.push(field),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                none => *none = Some(error),
            },
        }
    }
    if let Some(errors) = errors {
        return Err(errors);
    }
    field::check_tags(&parsed)?;
    if let Some(throttles) = attributes.throttles
        && !parsed.iter().any(|field| field.name == "throttle_time_ms")
    {
        return Err(Error::new(throttles.span, "there is no field `throttle_time_ms`"));
    }
    Ok(emit::emit(&attributes, item, &parsed))
}
