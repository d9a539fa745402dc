//! The attributes in which gridwire-core declares its wire messages, and the derives with which its users
//! make records of their structs.
//!
//! `#[service]` turns a trait into the request, answer and event structs of one Hazelcast service,
//! `#[custom]` a struct into one inside of them; `#[message]` turns a struct into one versioned Kafka
//! message. They emit plain structs with public fields and non-generic `encode` and `decode`
//! functions for both directions, and report a wrong attribute as a compile error under the word that
//! is wrong. They are an implementation detail of gridwire-core: the code they emit names its items
//! by `crate::`.
//!
//! `Compact` and `IdentifiedData` are for users, who find them beside the traits that they implement:
//! `gridwire_core::hazelcast::compact::Compact` and
//! `gridwire_core::hazelcast::serialization::IdentifiedData`.

mod message;
mod record;
mod service;

use proc_macro::TokenStream;

/// Declares one versioned Kafka message, or a struct inside one.
///
/// On a message: `key`, `versions`, `flexible`, `response` (requests) and `latest_unstable`. On a struct
/// of which a message has thousands: `hot`, for which more code is emitted. On the fields,
/// `#[kafka(..)]`: `versions`, `nullable`, `tag` with `tagged`, `default`, `ignorable`,
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

/// Makes a struct a compact record, which structures take as keys and values.
///
/// ```ignore
/// #[derive(Debug, PartialEq, Compact)]
/// #[compact(name = "employee", rename_all = "camelCase")]
/// struct Employee {
///     name: String,
///     #[compact(rename = "years")]
///     age: i32,
///     manager: Option<String>,        // may be null
///     #[compact(default = true)]      // records of older programs don't have it
///     active: bool,
///     #[compact(partition_key)]       // lives with whatever else has this key
///     office: i64,
///     #[compact(skip)]                // not in the record; its type's default when read
///     cached: usize,
/// }
/// ```
///
/// On the struct: `name`, which all programs agree on; `rename_all = "camelCase"` or `"PascalCase"`;
/// `crate = path`, where gridwire-core has another name. On fields: `rename = ".."`; `default` or
/// `default = expr`, for records that don't have the field or have another type there (an `Option` is
/// `None` then anyway); `skip`; `partition_key`.
#[proc_macro_derive(Compact, attributes(compact))]
pub fn compact(item: TokenStream) -> TokenStream {
    derive(record::Format::Compact, item)
}

/// Makes a struct an IdentifiedDataSerializable of Java's, which a class of the same ids reads and writes
/// field by field, in the order in which they are declared.
///
/// ```ignore
/// #[derive(Debug, PartialEq, IdentifiedData)]
/// #[identified(factory = 1, class = 2)]
/// struct Order {
///     id: i64,                        // writeLong
///     customer: Option<String>,       // writeString
///     lines: Vec<i32>,                // writeIntArray
///     placed: LocalDate,              // writeObject, like every type that isn't a number or text
///     #[identified(object)]           // writeObject, though it is a number
///     discount: Option<f64>,
///     #[identified(default)]          // the class had no such field once, and it is the last one
///     note: Option<String>,
/// }
/// ```
///
/// On the struct: `factory` and `class`, which all programs agree on; `crate = path`, where
/// gridwire-core has another name. On fields: `object`; `default` or `default = expr`, for records that
/// end before the field (those that stand inside another end with it); `skip`; `partition_key`.
#[proc_macro_derive(IdentifiedData, attributes(identified))]
pub fn identified_data(item: TokenStream) -> TokenStream {
    derive(record::Format::Identified, item)
}

/// Makes a struct a portable record of Hazelcast's, whose fields are found by their names.
///
/// ```ignore
/// #[derive(Debug, PartialEq, Portable)]
/// #[portable(factory = 1, class = 2, version = 3)]
/// struct Employee {
///     name: Option<String>,
///     age: i32,
///     #[portable(rename = "boss")]
///     manager: Option<Box<Employee>>,
///     #[portable(default)]
///     skills: Vec<String>,
/// }
/// ```
///
/// On the struct: `factory` and `class`, which all programs agree on; `version`, if it isn't that of the
/// client; `rename_all = "camelCase"` or `"PascalCase"`; `crate = path`, where gridwire-core has another
/// name. On fields: `rename = ".."`; `default` or `default = expr`, for records that don't have the field
/// (an `Option` is `None` then anyway); `skip`; `partition_key`.
#[proc_macro_derive(Portable, attributes(portable))]
pub fn portable(item: TokenStream) -> TokenStream {
    derive(record::Format::Portable, item)
}

fn derive(format: record::Format, item: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(item as syn::DeriveInput);
    record::expand(format, &input).unwrap_or_else(syn::Error::into_compile_error).into()
}
