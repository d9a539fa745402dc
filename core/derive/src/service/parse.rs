//! Reads the trait that declares a service, and reports what is wrong with it under the word.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, ItemTrait, LitInt, Pat, ReturnType, Token, TraitItem, TraitItemFn};

use super::fields::{Field, Fields, Version};

pub(crate) struct Service {
    pub(crate) id: u8,
    pub(crate) name: Ident,
    pub(crate) docs: Vec<Attribute>,
    /// Ordered by id.
    pub(crate) methods: Vec<Method>,
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Method {
    pub(crate) id: u8,
    id_at: Span,
    pub(crate) name: Ident,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) since: Version,
    pub(crate) retryable: bool,
    pub(crate) acquires_resource: bool,
    pub(crate) long_running: bool,
    pub(crate) rule: Rule,
    /// Each with the last byte of its message type.
    pub(crate) events: Vec<(Ident, u8)>,
    pub(crate) response_id: Option<u32>,
    pub(crate) request: Fields,
    pub(crate) response: Fields,
    pub(crate) response_docs: Vec<Attribute>,
}

pub(crate) struct Event {
    pub(crate) name: Ident,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) since: Version,
    pub(crate) fields: Fields,
    /// Method and kind of each method that sends it.
    pub(crate) ids: Vec<(u8, u8)>,
}

/// What chooses the partition, with the path to the field where it is one; an empty path if the
/// caller knows it.
pub(crate) enum Rule {
    None,
    Key(Vec<Ident>),
    Name(Vec<Ident>),
    PartitionId,
    TaskName(Vec<Ident>),
    Xid(Vec<Ident>),
    Random,
    AnyKey,
    Sequence,
}

impl Service {
    pub(crate) fn parse(args: TokenStream, item: TokenStream) -> syn::Result<Self> {
        let item: ItemTrait = syn::parse2(item)?;
        let mut id = None;
        let mut since = Version::FIRST;
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("id") {
                id = Some(byte(&meta)?);
            } else if meta.path.is_ident("since") {
                since = Version::parse(&meta.value()?.parse()?)?;
            } else {
                return Err(meta.error("unknown argument: expected `id` or `since`"));
            }
            Ok(())
        });
        syn::parse::Parser::parse2(parser, args)?;
        let id = id.ok_or_else(|| {
            syn::Error::new(item.ident.span(), "this service has no id: write `#[service(id = …)]`")
        })?;
        let mut service =
            Self { id, name: item.ident, docs: item.attrs, methods: vec![], events: vec![] };
        let mut responses = vec![];
        let mut errors = Errors(None);
        for item in item.items {
            let TraitItem::Fn(item) = item else {
                errors.add(syn::Error::new_spanned(item, "a service consists of functions"));
                continue;
            };
            match role(&item) {
                Ok(Role::Method(attr)) => match Method::parse(&item, &attr, since) {
                    Ok(method) => service.methods.push(method),
                    Err(error) => errors.add(error),
                },
                Ok(Role::Event(attr)) => match Event::parse(&item, &attr, since) {
                    Ok(event) => service.events.push(event),
                    Err(error) => errors.add(error),
                },
                Ok(Role::Response) => responses.push(item),
                Err(error) => errors.add(error),
            }
        }
        for item in responses {
            if let Err(error) = service.add_response(&item) {
                errors.add(error);
            }
        }
        service.methods.sort_by_key(|method| method.id);
        service.tie_events(&mut errors);
        match errors.0 {
            Some(errors) => Err(errors),
            None => Ok(service),
        }
    }

    /// `0x00SSMMKK`.
    pub(crate) fn message_type(&self, method: u8, kind: u8) -> u32 {
        u32::from_be_bytes([0, self.id, method, kind])
    }

    fn add_response(&mut self, item: &TraitItemFn) -> syn::Result<()> {
        let name = &item.sig.ident;
        let method = self.methods.iter_mut().find(|method| method.name == *name);
        let method = method.ok_or_else(|| {
            syn::Error::new(
                name.span(),
                format!("no method `{name}` is declared that this answers"),
            )
        })?;
        if !method.response.0.is_empty() {
            return Err(syn::Error::new(name.span(), "this method's answer is declared already"));
        }
        if let ReturnType::Type(_, ty) = &item.sig.output {
            return Err(syn::Error::new_spanned(ty, "an answer returns nothing itself"));
        }
        method.response = fields(item, method.since)?;
        method.response_docs = docs(&item.attrs);
        Ok(())
    }

    /// Checks ids, and tells each event which methods send it.
    fn tie_events(&mut self, errors: &mut Errors) {
        let mut seen = BTreeMap::new();
        let mut names = BTreeSet::new();
        for method in &self.methods {
            let Method { name, id, .. } = method;
            if let Some(other) = seen.insert(*id, name.to_string()) {
                let text = format!("the id of `{name}`, {id:#04x}, is that of `{other}` already");
                errors.add(syn::Error::new(method.id_at, text));
            }
            if !names.insert(name.to_string()) {
                let text = format!("the method `{name}` is declared twice");
                errors.add(syn::Error::new(name.span(), text));
            }
            for (event, kind) in &method.events {
                match self.events.iter_mut().find(|declared| declared.name == *event) {
                    Some(declared) => declared.ids.push((method.id, *kind)),
                    None => {
                        let text = format!(
                            "the event `{event}` is not declared: add `#[event] fn {event}(…);`"
                        );
                        errors.add(syn::Error::new(event.span(), text));
                    }
                }
            }
        }
        for event in self.events.iter().filter(|event| event.ids.is_empty()) {
            let text = format!("no method sends the event `{}`", event.name);
            errors.add(syn::Error::new(event.name.span(), text));
        }
    }
}

impl Method {
    fn parse(item: &TraitItemFn, attr: &Attribute, base: Version) -> syn::Result<Self> {
        let name = item.sig.ident.clone();
        let mut id = None;
        let mut rule = None;
        let mut method = Self {
            id: 0,
            id_at: name.span(),
            docs: docs(&item.attrs),
            since: base,
            retryable: false,
            acquires_resource: false,
            long_running: false,
            rule: Rule::None,
            events: vec![],
            response_id: None,
            request: Fields(vec![]),
            response: Fields(vec![]),
            response_docs: vec![],
            name: name.clone(),
        };
        if !matches!(attr.meta, syn::Meta::Path(_)) {
            attr.parse_nested_meta(|meta| {
                let word = meta.path.require_ident()?.to_string();
                match word.as_str() {
                    "id" => {
                        let literal: LitInt = meta.value()?.parse()?;
                        id = Some((literal.base10_parse()?, literal.span()));
                    }
                    "since" => method.since = Version::parse(&meta.value()?.parse()?)?,
                    "retryable" => method.retryable = true,
                    "acquires_resource" => method.acquires_resource = true,
                    "long_running" => method.long_running = true,
                    "response_id" => {
                        method.response_id = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                    }
                    "partition" => rule = Some(RuleName::parse(&meta)?),
                    "events" => meta.parse_nested_meta(|event| {
                        let name = event.path.require_ident()?.clone();
                        let kind = byte(&event)?;
                        if kind < 2 {
                            return Err(event.error("events are numbered from 2"));
                        }
                        method.events.push((name, kind));
                        Ok(())
                    })?,
                    _ => {
                        return Err(meta.error(
                            "unknown argument of a method: expected `id`, `since`, `retryable`, \
                             `acquires_resource`, `long_running`, `partition`, `events` or \
                             `response_id`",
                        ));
                    }
                }
                Ok(())
            })?;
        }
        (method.id, method.id_at) = id.ok_or_else(|| {
            let text = "this method has no id: write `#[method(id = …)]`";
            syn::Error::new(name.span(), text)
        })?;
        method.request = fields(item, method.since)?;
        if let ReturnType::Type(_, ty) = &item.sig.output {
            let response = syn::Ident::new("response", name.span());
            method.response =
                Fields(vec![Field::parse(response, (**ty).clone(), &[], method.since)?]);
        }
        if let Some(rule) = rule {
            method.rule = rule.resolve(&method.request)?;
        }
        Ok(method)
    }
}

impl Event {
    fn parse(item: &TraitItemFn, attr: &Attribute, base: Version) -> syn::Result<Self> {
        let mut since = base;
        if !matches!(attr.meta, syn::Meta::Path(_)) {
            attr.parse_nested_meta(|meta| {
                if !meta.path.is_ident("since") {
                    return Err(meta.error("unknown argument of an event: expected `since`"));
                }
                since = Version::parse(&meta.value()?.parse()?)?;
                Ok(())
            })?;
        }
        if let ReturnType::Type(_, ty) = &item.sig.output {
            return Err(syn::Error::new_spanned(ty, "an event returns nothing"));
        }
        Ok(Self {
            name: item.sig.ident.clone(),
            docs: docs(&item.attrs),
            since,
            fields: fields(item, since)?,
            ids: vec![],
        })
    }
}

/// A partition rule as written.
struct RuleName {
    name: Ident,
    path: Option<Vec<Ident>>,
}

impl RuleName {
    fn parse(meta: &ParseNestedMeta<'_>) -> syn::Result<Self> {
        let value = meta.value()?;
        let name: Ident = value.parse()?;
        let mut path = None;
        if value.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in value);
            if content.peek(Token![_]) {
                content.parse::<Token![_]>()?;
                path = Some(vec![]);
            } else {
                let parts = Punctuated::<Ident, Token![.]>::parse_separated_nonempty(&content)?;
                path = Some(parts.into_iter().collect());
            }
        }
        Ok(Self { name, path })
    }

    fn resolve(self, fields: &Fields) -> syn::Result<Rule> {
        let field = || {
            let path = self.path.clone().unwrap_or_else(|| vec![self.name.clone()]);
            match path.first() {
                Some(first) if !fields.names().any(|name| name == first) => {
                    let text = format!("this method has no parameter `{first}` to route by");
                    Err(syn::Error::new(first.span(), text))
                }
                _ => Ok(path),
            }
        };
        match self.name.to_string().as_str() {
            "none" => Ok(Rule::None),
            "key" => field().map(Rule::Key),
            "name" => field().map(Rule::Name),
            "partition_id" => Ok(Rule::PartitionId),
            "task_name" => field().map(Rule::TaskName),
            "xid" => field().map(Rule::Xid),
            "random" => Ok(Rule::Random),
            "any_key" => Ok(Rule::AnyKey),
            "sequence" => Ok(Rule::Sequence),
            other => Err(syn::Error::new(
                self.name.span(),
                format!(
                    "unknown partition rule `{other}`: expected `key`, `name`, `partition_id`, \
                     `task_name`, `xid`, `random`, `any_key`, `sequence` or `none`"
                ),
            )),
        }
    }
}

enum Role {
    Method(Attribute),
    Event(Attribute),
    Response,
}

fn role(item: &TraitItemFn) -> syn::Result<Role> {
    for attr in &item.attrs {
        if attr.path().is_ident("method") {
            return Ok(Role::Method(attr.clone()));
        } else if attr.path().is_ident("event") {
            return Ok(Role::Event(attr.clone()));
        } else if attr.path().is_ident("response") {
            return Ok(Role::Response);
        }
    }
    Err(syn::Error::new(
        item.sig.ident.span(),
        "what is this? Mark it with `#[method(…)]`, `#[response]` or `#[event]`",
    ))
}

fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect()
}

fn fields(item: &TraitItemFn, base: Version) -> syn::Result<Fields> {
    let mut fields = vec![];
    for input in &item.sig.inputs {
        let FnArg::Typed(input) = input else {
            return Err(syn::Error::new_spanned(input, "messages have no receiver"));
        };
        let Pat::Ident(name) = &*input.pat else {
            return Err(syn::Error::new_spanned(&input.pat, "a field needs a name"));
        };
        fields.push(Field::parse(name.ident.clone(), (*input.ty).clone(), &input.attrs, base)?);
    }
    Ok(Fields(fields))
}

fn byte(meta: &ParseNestedMeta<'_>) -> syn::Result<u8> {
    meta.value()?.parse::<LitInt>()?.base10_parse()
}

/// Collects what is wrong, so that one build shows all of it.
struct Errors(Option<syn::Error>);

impl Errors {
    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }
}
