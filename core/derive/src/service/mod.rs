//! `#[service]`: the messages of one Hazelcast service, from a trait that reads like its definition.
//!
//! Parsing is in `parse`, fields in `fields`; here is what is emitted. The emitted code is short on
//! purpose: one call per field, of functions that are written out once.

pub(crate) mod custom;
mod fields;
mod parse;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use self::fields::{Field, Fields, Version, plain};
use self::parse::{Event, Method, Rule, Service};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let service = Service::parse(args, item)?;
    let name = service.name.to_string();
    let id = service.id;

    let mut code = TokenStream::new();
    let mut methods = TokenStream::new();
    let mut schemas = TokenStream::new();
    let mut printers = TokenStream::new();
    for (index, method) in service.methods.iter().enumerate() {
        methods.extend(descriptor(&service, method));
        code.extend(request(&service, method, index));
        code.extend(response(&service, method));
        for message in [request_message(&service, method), response_message(&service, method)] {
            schemas.extend(message.schema());
            printers.extend(message.printers());
        }
    }
    for event in &service.events {
        let message = event_message(&service, event);
        code.extend(message.code());
        schemas.extend(message.schema());
        printers.extend(message.printers());
    }
    let docs = &service.docs;
    Ok(quote! {
        #(#docs)*
        pub static SERVICE: crate::hazelcast::schema::Service =
            crate::hazelcast::schema::Service { id: #id, name: #name, methods: METHODS };

        static METHODS: &[crate::hazelcast::schema::Method] = &[#methods];

        /// The fields of each message, to compare with other definitions.
        pub static SCHEMAS: &[crate::hazelcast::schema::MessageSchema] = &[#schemas];

        /// Decoders that print, for tools.
        pub static PRINTERS: &[crate::hazelcast::print::Printer] = &[#printers];

        #code
    })
}

/// What the three kinds of message have in common.
struct Message<'a> {
    ident: Ident,
    /// As in `Map.put`.
    name: String,
    docs: &'a [syn::Attribute],
    fallback: String,
    kind: Ident,
    /// The message types that it is decoded by.
    ids: Vec<u32>,
    /// The message type that it is encoded with.
    id: u32,
    since: Version,
    fields: &'a Fields,
}

impl Message<'_> {
    fn code(&self) -> TokenStream {
        let Self { ident, name, docs, fallback, kind, id, since, fields, .. } = self;
        let declaration = fields.declare(ident, docs, fallback);
        let (put, write, read) = (fields.put_fixed(), fields.write_var(), fields.read(name));
        let since = since.tokens();
        let id = hex(*id);
        quote! {
            #declaration

            impl crate::hazelcast::schema::Fields for #ident {
                fn write(&self, __out: &mut crate::hazelcast::FrameWriter) {
                    #put
                    __out.end_frame();
                    #write
                }

                fn read(
                    &mut self,
                    __from: &mut crate::hazelcast::FrameReader<'_>,
                ) -> ::core::result::Result<(), crate::hazelcast::reader::Failed> {
                    #read
                    ::core::result::Result::Ok(())
                }
            }

            impl crate::hazelcast::schema::Payload for #ident {
                const ID: u32 = #id;
                const NAME: &'static str = #name;
                const KIND: crate::hazelcast::schema::Kind = crate::hazelcast::schema::Kind::#kind;
                const SINCE: crate::hazelcast::Version = #since;
                #[cfg(feature = "arbitrary")]
                const ROUND_TRIP: fn(
                    &mut arbitrary::Unstructured<'_>,
                ) -> ::core::result::Result<(), alloc::string::String> =
                    crate::hazelcast::print::round_trip::<Self>;
            }
        }
    }

    fn schema(&self) -> TokenStream {
        let Self { name, kind, ids, since, fields, .. } = self;
        let (since, fields) = (since.tokens(), fields.schema());
        let ids = ids.iter().map(|id| hex(*id));
        quote! {
            crate::hazelcast::schema::MessageSchema {
                ids: &[#(#ids,)*],
                name: #name,
                kind: crate::hazelcast::schema::Kind::#kind,
                since: #since,
                fields: #fields,
            },
        }
    }

    fn printers(&self) -> TokenStream {
        let Self { ident, ids, .. } = self;
        let ids = ids.iter().map(|id| hex(*id));
        quote!(#(crate::hazelcast::print::Printer::of::<#ident>(#ids),)*)
    }
}

fn request_message<'a>(service: &Service, method: &'a Method) -> Message<'a> {
    let name = format!("{}.{}", service.name, plain(&method.name));
    let id = service.message_type(method.id, 0);
    Message {
        ident: pascal(&method.name, ""),
        fallback: format!("The request of `{name}`."),
        name,
        docs: &method.docs,
        kind: format_ident!("Request"),
        ids: vec![id],
        id,
        since: method.since,
        fields: &method.request,
    }
}

fn response_message<'a>(service: &Service, method: &'a Method) -> Message<'a> {
    let name = format!("{}.{}", service.name, plain(&method.name));
    let id = service.message_type(method.id, 1);
    Message {
        ident: pascal(&method.name, "Response"),
        fallback: format!("The answer to [`{}`].", pascal(&method.name, "")),
        name,
        docs: &method.response_docs,
        kind: format_ident!("Response"),
        ids: vec![id],
        id: method.response_id.unwrap_or(id),
        since: method.since,
        fields: &method.response,
    }
}

fn event_message<'a>(service: &Service, event: &'a Event) -> Message<'a> {
    let name = format!("{}.{}", service.name, plain(&event.name));
    let ids: Vec<u32> = event.ids.iter().map(|(m, k)| service.message_type(*m, *k)).collect();
    Message {
        ident: pascal(&event.name, "Event"),
        fallback: format!("The event `{name}`."),
        name,
        docs: &event.docs,
        kind: format_ident!("Event"),
        id: ids.first().copied().unwrap_or_default(),
        ids,
        since: event.since,
        fields: &event.fields,
    }
}

fn request(service: &Service, method: &Method, index: usize) -> TokenStream {
    let message = request_message(service, method);
    let code = message.code();
    let Message { ident, .. } = message;
    let response = pascal(&method.name, "Response");
    let route = match &method.rule {
        Rule::None => quote!(Any),
        Rule::PartitionId | Rule::AnyKey | Rule::Sequence => quote!(Partition),
        Rule::Random => quote!(Random),
        Rule::Key(path) | Rule::Name(path) | Rule::TaskName(path) | Rule::Xid(path)
            if path.is_empty() =>
        {
            quote!(Partition)
        }
        Rule::Key(path) => quote!(Key(&self.#(#path).*)),
        Rule::Name(path) => quote!(Name(&self.#(#path).*)),
        Rule::TaskName(path) => quote!(Task(&self.#(#path).*)),
        Rule::Xid(path) => quote!(Xid(&self.#(#path).*)),
    };
    let events = method.events.iter().map(|(event, kind)| {
        let constant = format_ident!("{}_EVENT", plain(event).to_uppercase());
        let id = hex(service.message_type(method.id, *kind));
        let text = format!("The message type of its [`{}`].", pascal(event, "Event"));
        quote!(#[doc = #text] pub const #constant: u32 = #id;)
    });
    let events =
        if method.events.is_empty() { quote!() } else { quote!(impl #ident { #(#events)* }) };
    quote! {
        #code

        impl crate::hazelcast::schema::Request for #ident {
            const METHOD: &'static crate::hazelcast::schema::Method = &METHODS[#index];
            type Response = #response;
            fn route(&self) -> crate::hazelcast::schema::Route<'_> {
                crate::hazelcast::schema::Route::#route
            }
        }

        #events
    }
}

fn response(service: &Service, method: &Method) -> TokenStream {
    let message = response_message(service, method);
    let code = message.code();
    let Message { ident, .. } = message;
    let (body, value) = match &method.response.0[..] {
        [] => (quote!(()), quote!()),
        [Field { name, ty, .. }] => (quote!(#ty), quote!(self.#name)),
        _ => (quote!(Self), quote!(self)),
    };
    quote! {
        #code

        impl crate::hazelcast::schema::Reply for #ident {
            type Body = #body;
            fn into_body(self) -> Self::Body {
                #value
            }
        }
    }
}

fn descriptor(service: &Service, method: &Method) -> TokenStream {
    let name = format!("{}.{}", service.name, plain(&method.name));
    let id = hex(service.message_type(method.id, 0));
    let response_id = hex(method.response_id.unwrap_or(service.message_type(method.id, 1)));
    let since = method.since.tokens();
    let Method { retryable, acquires_resource, long_running, .. } = method;
    let rule = match &method.rule {
        Rule::None => quote!(None),
        Rule::Key(_) => quote!(Key),
        Rule::Name(_) => quote!(Name),
        Rule::PartitionId => quote!(PartitionId),
        Rule::TaskName(_) => quote!(TaskName),
        Rule::Xid(_) => quote!(Xid),
        Rule::Random => quote!(Random),
        Rule::AnyKey => quote!(AnyKey),
        Rule::Sequence => quote!(Sequence),
    };
    let events = method.events.iter().map(|(event, kind)| {
        let id = hex(service.message_type(method.id, *kind));
        let since = service
            .events
            .iter()
            .find(|declared| declared.name == *event)
            .map_or(method.since, |declared| declared.since)
            .tokens();
        let event = plain(event);
        quote!(crate::hazelcast::schema::Event { id: #id, name: #event, since: #since })
    });
    quote! {
        crate::hazelcast::schema::Method {
            id: #id,
            response_id: #response_id,
            name: #name,
            since: #since,
            retryable: #retryable,
            acquires_resource: #acquires_resource,
            long_running: #long_running,
            partition: crate::hazelcast::schema::PartitionRule::#rule,
            events: &[#(#events,)*],
        },
    }
}

/// `add_entry_listener` + `Response` → `AddEntryListenerResponse`, at the place of the former.
fn pascal(name: &Ident, suffix: &str) -> Ident {
    let mut text = String::new();
    for word in plain(name).split('_') {
        let mut letters = word.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text.push_str(suffix);
    Ident::new(&text, name.span())
}

fn hex(id: u32) -> proc_macro2::Literal {
    proc_macro2::Literal::u32_suffixed(id)
}
