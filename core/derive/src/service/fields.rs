//! Fields: what messages and custom types have in common.
//!
//! A field is declared as `name: Type` with the attributes `#[since("2.8")]`, optionally with
//! `default = expression` for what an older sender left out, and `#[secret]`, which keeps it out of
//! `Debug`; `#[lenient]` is for an `Option` that the definition says is never null. Types of a fixed size are pooled before the others; which ones they are is known by name.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, GenericArgument, LitStr, PathArguments, Type};

/// A version as written in a declaration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u8, u8, u8);

impl Version {
    pub(crate) const FIRST: Self = Self(2, 0, 0);

    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        let value = text.value();
        let parts: Option<Vec<u8>> = value
            .split('.')
            .map(|part| {
                part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
            })
            .collect();
        match parts.as_deref() {
            Some([2, minor]) => Ok(Self(2, *minor, 0)),
            Some([2, minor, patch]) => Ok(Self(2, *minor, *patch)),
            _ => Err(syn::Error::new(
                text.span(),
                format!(
                    "`{value}` is no version of the protocol: write it like \"2.8\" or \"2.0.1\""
                ),
            )),
        }
    }

    pub(crate) fn tokens(self) -> TokenStream {
        let Self(major, minor, patch) = self;
        quote!(crate::hazelcast::Version::new(#major, #minor, #patch))
    }
}

pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    docs: Vec<Attribute>,
    since: Version,
    /// Came later than what it is a field of.
    later: bool,
    default: Option<Expr>,
    secret: bool,
    /// May be null though the definition says otherwise.
    lenient: bool,
    fixed: bool,
}

impl Field {
    pub(crate) fn parse(
        name: Ident,
        ty: Type,
        attrs: &[Attribute],
        base: Version,
    ) -> syn::Result<Self> {
        let mut field = Self {
            fixed: is_fixed(&ty),
            name,
            ty,
            docs: Vec::new(),
            since: base,
            later: false,
            default: None,
            secret: false,
            lenient: false,
        };
        for attr in attrs {
            if attr.path().is_ident("doc") {
                field.docs.push(attr.clone());
            } else if attr.path().is_ident("secret") {
                attr.meta.require_path_only()?;
                field.secret = true;
            } else if attr.path().is_ident("lenient") {
                attr.meta.require_path_only()?;
                field.lenient = true;
            } else if attr.path().is_ident("since") {
                attr.parse_args_with(|input: syn::parse::ParseStream<'_>| {
                    let text: LitStr = input.parse()?;
                    field.since = Version::parse(&text)?;
                    if field.since < base {
                        return Err(syn::Error::new(
                            text.span(),
                            "this field would be older than what it is a field of",
                        ));
                    }
                    if input.is_empty() {
                        return Ok(());
                    }
                    input.parse::<syn::Token![,]>()?;
                    input.parse::<syn::Token![default]>()?;
                    input.parse::<syn::Token![=]>()?;
                    field.default = Some(input.parse()?);
                    Ok(())
                })?;
            } else {
                return Err(syn::Error::new_spanned(
                    attr.path(),
                    "unknown attribute of a field: expected `since`, `secret` or `lenient`",
                ));
            }
        }
        field.later = field.since > base;
        Ok(field)
    }

    fn schema(&self) -> TokenStream {
        let Self { ty, since, lenient, .. } = self;
        let (name, since) = (plain(&self.name), since.tokens());
        quote! {
            crate::hazelcast::schema::FieldSchema {
                name: #name,
                shape: <#ty as crate::hazelcast::wire::Item>::SHAPE,
                since: #since,
                lenient: #lenient,
            }
        }
    }
}

/// All fields of a message or custom type, in the order of its definition.
pub(crate) struct Fields(pub(crate) Vec<Field>);

impl Fields {
    /// The struct with its derives.
    pub(crate) fn declare(&self, name: &Ident, docs: &[Attribute], fallback: &str) -> TokenStream {
        let fields =
            self.0.iter().map(|Field { name, ty, docs, .. }| quote!(#(#docs)* pub #name: #ty));
        let body = if self.0.is_empty() { quote!(;) } else { quote!({ #(#fields,)* }) };
        let docs = if docs.is_empty() { quote!(#[doc = #fallback]) } else { quote!(#(#docs)*) };
        let debug = self.debug(name);
        let default = self.default(name);
        let derive_default = default.is_empty().then(|| quote!(Default,));
        quote! {
            #docs
            #[derive(Clone, PartialEq, #derive_default)]
            #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
            #[allow(missing_docs)]
            pub struct #name #body
            #debug
            #default
        }
    }

    /// Shortens what is long, and hides what is secret.
    fn debug(&self, name: &Ident) -> TokenStream {
        let text = name.to_string();
        let names = self.0.iter().map(|field| plain(&field.name));
        let values = self.0.iter().map(|Field { name, secret, .. }| {
            if *secret { quote!(&::core::format_args!("secret")) } else { quote!(&self.#name) }
        });
        quote! {
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    crate::hazelcast::print::fields(f, #text, &[#(#names),*], &[#(#values),*])
                }
            }
        }
    }

    /// Only needed where a field's own default isn't that of its type.
    fn default(&self, name: &Ident) -> TokenStream {
        if self.0.iter().all(|field| field.default.is_none()) {
            return quote!();
        }
        let fields = self.0.iter().map(|Field { name, default, .. }| match default {
            Some(default) => quote!(#name: #default),
            None => quote!(#name: ::core::default::Default::default()),
        });
        quote! {
            impl ::core::default::Default for #name {
                fn default() -> Self {
                    Self { #(#fields,)* }
                }
            }
        }
    }

    fn fixed(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(|field| field.fixed)
    }

    fn var(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(|field| !field.fixed)
    }

    /// Statements that put the fixed-size fields into the frame of `__out` that was begun.
    pub(crate) fn put_fixed(&self) -> TokenStream {
        self.fixed().map(|field| write(field, &quote!(Fixed), &format_ident!("put"))).collect()
    }

    /// Statements that write the other fields to `__out`.
    pub(crate) fn write_var(&self) -> TokenStream {
        self.var().map(|field| write(field, &quote!(Var), &format_ident!("write"))).collect()
    }

    /// Statements that read every field from `__from`.
    pub(crate) fn read(&self, context: &str) -> TokenStream {
        self.fixed().chain(self.var()).map(|field| read(field, context)).collect()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.0.iter().map(|field| &field.name)
    }

    /// Whether fixed-size fields have a frame of their own in a custom type: not if there are none,
    /// nor if all came later than the type.
    pub(crate) fn own_frame(&self) -> bool {
        self.fixed().any(|field| !field.later)
    }

    pub(crate) fn any_fixed(&self) -> bool {
        self.fixed().next().is_some()
    }

    pub(crate) fn schema(&self) -> TokenStream {
        let fields = self.0.iter().map(Field::schema);
        quote!(&[#(#fields,)*])
    }
}

/// A name as the protocol would have it, which knows no `r#`.
pub(crate) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

fn write(field: &Field, layout: &TokenStream, how: &Ident) -> TokenStream {
    let Field { name, since, later, .. } = field;
    let write = quote!(crate::hazelcast::wire::#layout::#how(&self.#name, __out););
    if *later {
        let since = since.tokens();
        quote!(if __out.has(#since) { #write })
    } else {
        write
    }
}

fn read(field: &Field, context: &str) -> TokenStream {
    let Field { name, since, later, fixed, .. } = field;
    let context = format!("{context}.{}", plain(name));
    let how = if *fixed { "fixed" } else { "var" };
    if *later {
        let (how, since) = (format_ident!("{how}_since"), since.tokens());
        quote!(__from.#how(&mut self.#name, #context, #since)?;)
    } else {
        let how = format_ident!("{how}");
        quote!(__from.#how(&mut self.#name, #context)?;)
    }
}

/// Types that are pooled: numbers, UUIDs and UUIDs that may be null.
fn is_fixed(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    match last.ident.to_string().as_str() {
        "bool" | "i8" | "i16" | "i32" | "i64" | "f32" | "f64" | "Uuid" => true,
        "Option" => match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().any(|argument| match argument {
                    GenericArgument::Type(ty) => is_fixed(ty),
                    _ => false,
                })
            }
            _ => false,
        },
        _ => false,
    }
}
