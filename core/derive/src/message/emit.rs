//! The code that a message gets: the struct itself, its default, how it is read and written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{ItemStruct, parse_quote};

use super::attributes::{MessageAttributes, Ranged};
use super::debug::debug;
use super::field::Field;
use super::versions::{Test, Versions};

pub(crate) fn emit(
    attributes: &MessageAttributes,
    mut item: ItemStruct,
    fields: &[Field],
) -> TokenStream {
    let tagged = !attributes.flexible().is_empty();
    if tagged && let syn::Fields::Named(named) = &mut item.fields {
        named.named.push(parse_quote! {
            /// Tagged fields that this declaration does not know.
            pub unknown_tags: Option<alloc::boxed::Box<crate::kafka::wire::Tags>>
        });
    }
    item.attrs.push(parse_quote!(#[derive(Clone, PartialEq)]));
    let debug = debug(&mut item, fields);
    let parts = Parts { name: item.ident.to_string(), fields, tagged, hot: attributes.hot };
    let default = parts.default(&item);
    let wire = parts.wire(&item);
    let message = attributes.is_message().then(|| message(attributes, &item, fields));
    quote!(#item #debug #default #wire #message)
}

/// The impls that only whole messages have.
fn message(attributes: &MessageAttributes, item: &ItemStruct, fields: &[Field]) -> TokenStream {
    let ident = &item.ident;
    let name = ident.to_string();
    let versions = attributes.scope().emit();
    let flexible = attributes.flexible().emit();
    let mut out = quote! {
        impl crate::kafka::wire::Message for #ident {
            const NAME: &'static str = #name;
            const VERSIONS: crate::kafka::wire::Versions = #versions;
            const FLEXIBLE: crate::kafka::wire::Versions = #flexible;
        }
    };
    let Some(key) = attributes.key else { return out };
    if let Some(response) = &attributes.response {
        let api = name.trim_end_matches("Request");
        let (unstable, internal) = (attributes.latest_unstable, attributes.internal);
        let listeners = match &attributes.listeners {
            Some(listeners) => quote!(#(crate::kafka::message::Listener::#listeners),*),
            None => quote!(crate::kafka::message::Listener::Broker),
        };
        out.extend(quote! {
            impl crate::kafka::message::Request for #ident {
                type Response = #response;
                const API: crate::kafka::message::Api = crate::kafka::message::Api {
                    key: #key,
                    name: #api,
                    versions: #versions,
                    flexible: #flexible,
                    latest_unstable: #unstable,
                    throttles: <#response as crate::kafka::message::Response>::THROTTLES,
                    listeners: &[#listeners],
                    internal: #internal,
                };
            }
            const _: () =
                crate::kafka::message::check_pair::<#ident>(#key);
        });
    } else {
        let throttle = fields.iter().find(|field| field.name == "throttle_time_ms");
        let throttles = match (attributes.throttles, throttle) {
            (Some(Ranged { versions, .. }), Some(_)) => versions,
            (None, Some(field)) => field.versions,
            (_, None) => Versions::NONE,
        };
        let throttles = throttles.emit();
        let millis = throttle.map_or_else(|| quote!(0), |_| quote!(self.throttle_time_ms));
        out.extend(quote! {
            impl crate::kafka::message::Response for #ident {
                const KEY: i16 = #key;
                const THROTTLES: crate::kafka::wire::Versions = #throttles.and(#versions);

                fn throttle_time_ms(&self) -> i32 {
                    #millis
                }
            }
        });
    }
    out
}

struct Parts<'a> {
    name: String,
    fields: &'a [Field],
    tagged: bool,
    hot: bool,
}

impl Parts<'_> {
    fn context(&self, field: &Field) -> String {
        format!("{}.{}", self.name, field.name.unraw())
    }

    fn default(&self, item: &ItemStruct) -> TokenStream {
        let ident = &item.ident;
        let fields = self.fields.iter().map(|field| {
            let name = &field.name;
            let initial = field.initial();
            quote!(#name: #initial,)
        });
        let unknown = self.tagged.then(|| quote!(unknown_tags: None,));
        quote! {
            impl Default for #ident {
                fn default() -> Self {
                    Self { #(#fields)* #unknown }
                }
            }
        }
    }

    fn wire(&self, item: &ItemStruct) -> TokenStream {
        let ident = &item.ident;
        let (read, write, arbitrary) = (self.read(), self.write(), self.arbitrary());
        let min_len = self
            .fields
            .iter()
            .filter(|field| field.tag.is_none() && matches!(field.present(), Test::Always))
            .map(|field| {
                let inner = &field.inner;
                if field.option {
                    quote!(+ 1)
                } else {
                    quote!(+ <#inner as crate::kafka::wire::Wire>::MIN_LEN)
                }
            });
        let schema = self.schema();
        let hot = self.hot;
        quote! {
            const _: () = {
                use crate::kafka::wire;

                impl wire::Wire for #ident {
                    const MIN_LEN: usize = 0 #(#min_len)*;
                    const KIND: wire::Kind = wire::Kind::Struct(&#schema);
                    const HOT: bool = #hot;

                    fn read(
                        &mut self,
                        r: &mut wire::Reader<'_>,
                        at: i16,
                        _: &'static str,
                    ) -> Result<(), wire::Failed> {
                        #read
                        Ok(())
                    }

                    fn write(
                        &self,
                        w: &mut wire::Writer,
                        at: i16,
                        _: &'static str,
                    ) -> Result<(), wire::Failed> {
                        #write
                        Ok(())
                    }

                    #[cfg(feature = "arbitrary")]
                    fn arbitrary(
                        u: &mut arbitrary::Unstructured<'_>,
                        at: i16,
                        flexible: bool,
                    ) -> arbitrary::Result<Self> {
                        #arbitrary
                    }
                }
            };
        }
    }

    /// Fields that the version lacks are left at their default, which `self` begins as.
    fn read(&self) -> TokenStream {
        let mut body = TokenStream::new();
        let mut arms = TokenStream::new();
        for field in self.fields {
            let value = self.read_value(field);
            if let Some(tag) = field.tag {
                let guard = match field.present() {
                    Test::If(test) => Some(quote!(if #test)),
                    Test::Always => None,
                    Test::Never => Some(quote!(if false)),
                };
                arms.extend(quote! {
                    #tag #guard => {
                        #value
                        tags.end(r)?;
                    }
                });
                continue;
            }
            let value = match field.present() {
                Test::Always => value,
                Test::Never => continue,
                Test::If(test) => quote!(if #test { #value }),
            };
            body.extend(if field.classic {
                quote! {
                    let flexible = r.set_flexible(false);
                    #value
                    r.set_flexible(flexible);
                }
            } else {
                value
            });
        }
        let context = format!("{}.unknown_tags", self.name);
        if self.tagged && arms.is_empty() {
            let all = quote! {
                wire::TagReader::all_unknown(&mut self.unknown_tags, r, #context)?;
            };
            body.extend(if self.hot { quote!(if !r.no_tags() { #all }) } else { all });
        } else if self.tagged {
            body.extend(quote! {
                let mut tags = wire::TagReader::new(r, #context)?;
                while let Some(tag) = tags.next(r)? {
                    match tag {
                        #arms
                        _ => tags.keep(&mut self.unknown_tags, tag, r),
                    }
                }
            });
        }
        body
    }

    fn write(&self) -> TokenStream {
        let mut body = TokenStream::new();
        for field in self.fields.iter().filter(|field| field.tag.is_none()) {
            let write = self.write_value(field);
            let write = if field.classic {
                quote! {
                    let flexible = w.set_flexible(false);
                    #write
                    w.set_flexible(flexible);
                }
            } else {
                write
            };
            let refuse = self.refuse(field);
            body.extend(match (field.present(), refuse) {
                (Test::Always, _) => write,
                (Test::Never, None) => quote!(),
                (Test::Never, Some((set, refuse))) => quote!(if #set { #refuse }),
                (Test::If(test), None) => quote!(if #test { #write }),
                (Test::If(test), Some((set, refuse))) => {
                    quote!(if #test { #write } else if #set { #refuse })
                }
            });
        }
        if !self.tagged {
            return body;
        }
        let mut known: Vec<&Field> = self.fields.iter().filter(|f| f.tag.is_some()).collect();
        known.sort_by_key(|field| field.tag);
        let context = format!("{}.unknown_tags", self.name);
        if known.is_empty() {
            let all = quote! {
                wire::TagWriter::all_unknown(w, self.unknown_tags.as_deref(), #context)?;
            };
            body.extend(if self.hot {
                quote!(if self.unknown_tags.is_none() { w.no_tags() } else { #all })
            } else {
                all
            });
            return body;
        }
        let mut section = TokenStream::new();
        for field in known {
            let (name, tag) = (&field.name, field.tag);
            let set = field.is_set(&quote!(self.#name));
            let test = match field.present() {
                Test::If(test) => {
                    if let Some((set, refuse)) = self.refuse(field) {
                        body.extend(quote!(if !(#test) && #set { #refuse }));
                    }
                    Some(quote!(#test &&))
                }
                Test::Always => None,
                Test::Never => Some(quote!(false &&)),
            };
            let write = self.write_value(field);
            section.extend(quote! {
                if #test #set {
                    tags.begin(w, #tag);
                    #write
                    tags.end(w);
                }
            });
        }
        body.extend(quote! {
            if let Some(mut tags) =
                wire::TagWriter::new(w, self.unknown_tags.as_deref(), #context)?
            {
                #section
                tags.finish(w);
            }
        });
        body
    }

    fn read_value(&self, field: &Field) -> TokenStream {
        let (name, context) = (&field.name, self.context(field));
        if field.option {
            let null = field.null_test();
            attempt(&quote!(wire::read_option(&mut self.#name, r, #null, at, #context)))
        } else if self.hot {
            attempt(&quote!(wire::Wire::read_here(&mut self.#name, r, at, #context)))
        } else {
            attempt(&quote!(wire::Wire::read(&mut self.#name, r, at, #context)))
        }
    }

    fn write_value(&self, field: &Field) -> TokenStream {
        let (name, context) = (&field.name, self.context(field));
        if field.option {
            let null = field.null_test();
            attempt(&quote!(wire::write_option(self.#name.as_ref(), w, #null, at, #context)))
        } else if self.hot {
            attempt(&quote!(wire::Wire::write_here(&self.#name, w, at, #context)))
        } else {
            attempt(&quote!(wire::Wire::write(&self.#name, w, at, #context)))
        }
    }

    /// The test for a field that may not be dropped, and the refusal.
    fn refuse(&self, field: &Field) -> Option<(TokenStream, TokenStream)> {
        if field.ignorable {
            return None;
        }
        let name = &field.name;
        let context = self.context(field);
        Some((field.is_set(&quote!(self.#name)), quote!(return Err(w.absent(#context));)))
    }

    fn arbitrary(&self) -> TokenStream {
        let fields = self.fields.iter().map(|field| {
            let (name, inner, initial) = (&field.name, &field.inner, field.initial());
            let value = if field.option {
                let null = field.null_test();
                quote!(wire::arbitrary_option(u, #null, at, flexible)?)
            } else {
                quote!(<#inner as wire::Wire>::arbitrary(u, at, flexible)?)
            };
            match field.present() {
                Test::Always => quote!(#name: #value,),
                Test::Never => quote!(#name: #initial,),
                Test::If(test) => quote!(#name: if #test { #value } else { #initial },),
            }
        });
        let unknown =
            self.tagged.then(|| quote!(unknown_tags: wire::Tags::arbitrary(u, flexible)?,));
        quote!(Ok(Self { #(#fields)* #unknown }))
    }

    fn schema(&self) -> TokenStream {
        let (name, tagged) = (&self.name, self.tagged);
        let fields = self.fields.iter().map(|field| {
            let (name, inner) = (field.name.unraw().to_string(), &field.inner);
            let (versions, nullable) = (field.versions.emit(), field.nullable.emit());
            let tag = match field.tag {
                Some(tag) => quote!(Some((#tag, #versions))),
                None => quote!(None),
            };
            let (classic, ignorable) = (field.classic, field.ignorable);
            let default = field.initial_text();
            quote! {
                wire::FieldSchema {
                    name: #name,
                    kind: <#inner as wire::Wire>::KIND,
                    versions: #versions,
                    nullable: #nullable,
                    tag: #tag,
                    classic: #classic,
                    default: #default,
                    ignorable: #ignorable,
                }
            }
        });
        quote!(wire::Schema { name: #name, tagged: #tagged, fields: &[#(#fields),*] })
    }
}

/// `call?`, with a third less for the compiler to do.
fn attempt(call: &TokenStream) -> TokenStream {
    quote! {
        if #call.is_err() {
            return Err(wire::Failed);
        }
    }
}
