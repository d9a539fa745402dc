//! One field: its type and attributes, checked against each other, and the expressions that follow
//! from them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Error, Expr, ExprLit, ExprUnary, GenericArgument, Ident, Lit, PathArguments, Result, Type, UnOp,
};

use super::attributes::{FieldAttributes, MessageAttributes};
use super::versions::{Test, Versions};

/// What a field's type is to the code that is emitted for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    /// An integer, whose width the compiler checks.
    Number,
    /// `ErrorCode`, a number in a struct.
    Code,
    Text,
    /// Bytes or a sequence, empty by default.
    Sequence,
    /// Anything else: a struct, `Uuid`.
    Other,
}

/// The default, as declared.
enum Initial {
    /// Zero, false, empty, or the struct's own.
    Natural,
    Null,
    Value(Expr),
}

/// One field of a message.
pub(crate) struct Field {
    pub(crate) name: Ident,
    /// The type without its `Option`.
    pub(crate) inner: Type,
    pub(crate) option: bool,
    pub(crate) shape: Shape,
    /// Where it is present, tagged or in its place.
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    pub(crate) tag: Option<u32>,
    pub(crate) ignorable: bool,
    pub(crate) classic: bool,
    /// Kept out of `Debug`.
    pub(crate) secret: bool,
    pub(crate) scope: Versions,
    initial: Initial,
}

impl Field {
    pub(crate) fn parse(field: &mut syn::Field, message: &MessageAttributes) -> Result<Self> {
        let attributes = FieldAttributes::take(&mut field.attrs)?;
        let name = field
            .ident
            .clone()
            .ok_or_else(|| Error::new_spanned(&*field, "a message's fields have names"))?;
        let (inner, option) = match option_of(&field.ty) {
            Some(inner) => (inner.clone(), true),
            None => (field.ty.clone(), false),
        };
        let shape = Shape::of(&inner);
        let scope = message.scope();
        let (versions, tag) = placement(&attributes)?;
        if let Some(range) = attributes.versions.or(attributes.tagged)
            && !range.versions.meets(scope)
        {
            return Err(Error::new(range.span, "the message has none of these versions"));
        }
        let nullable = match (attributes.nullable, option) {
            (Some(range), false) => {
                return Err(Error::new(range.span, "only an `Option` can be `nullable`"));
            }
            (Some(range), true) if !range.versions.meets(versions.unwrap_or(scope)) => {
                return Err(Error::new(range.span, "the field is in none of these versions"));
            }
            (Some(range), true) => range.versions,
            (None, false) => Versions::NONE,
            (None, true) => {
                let text = "an `Option` says where it is `nullable = \"..\"`";
                return Err(Error::new_spanned(&field.ty, text));
            }
        };
        let initial = initial(attributes.default, shape, option)?;
        Ok(Self {
            name,
            inner,
            option,
            shape,
            versions: versions.unwrap_or(Versions::ALL),
            nullable,
            tag,
            ignorable: attributes.ignorable,
            classic: attributes.classic,
            secret: attributes.secret,
            scope,
            initial,
        })
    }

    /// Where the field is present.
    pub(crate) fn present(&self) -> Test {
        self.versions.test(self.scope)
    }

    /// Where null is legal, as an expression.
    pub(crate) fn null_test(&self) -> TokenStream {
        // Only asked where the field is present.
        let scope = Versions {
            min: self.versions.min.max(self.scope.min),
            max: self.versions.max.min(self.scope.max),
        };
        self.nullable.test(scope).expression()
    }

    /// The default's value.
    pub(crate) fn initial(&self) -> TokenStream {
        let value = match &self.initial {
            Initial::Null => return quote!(None),
            Initial::Natural => quote!(Default::default()),
            Initial::Value(value) => match self.shape {
                Shape::Text => quote!(crate::Str::from_static(#value)),
                Shape::Code => quote!(crate::kafka::code::ErrorCode(#value)),
                _ => quote!(#value),
            },
        };
        if self.option { quote!(Some(#value)) } else { value }
    }

    /// An expression that is true if the field, a place, is not at its default.
    pub(crate) fn is_set(&self, place: &TokenStream) -> TokenStream {
        if matches!(self.initial, Initial::Null) {
            return quote!(#place.is_some());
        }
        if self.option {
            let differs = self.differs(&quote!(value));
            return quote!(#place.as_ref().is_none_or(|value| #differs));
        }
        match self.shape {
            Shape::Bool => {
                if matches!(&self.initial, Initial::Value(value) if value.to_token_stream().to_string() == "true")
                {
                    quote!(!#place)
                } else {
                    quote!(#place)
                }
            }
            Shape::Number | Shape::Code | Shape::Other => {
                if matches!(self.initial, Initial::Natural) {
                    return quote!(!crate::kafka::wire::is_natural(&#place));
                }
                let initial = self.initial();
                quote!(#place != #initial)
            }
            _ => self.differs(place),
        }
    }

    /// Whether a value behind a reference, or one that dereferences itself, is not the default.
    fn differs(&self, place: &TokenStream) -> TokenStream {
        match (&self.initial, self.shape) {
            (Initial::Value(value), Shape::Text) => quote!(#place.as_str() != #value),
            (Initial::Natural, Shape::Text | Shape::Sequence) => quote!(!#place.is_empty()),
            (Initial::Value(value), _) => quote!(*#place != #value),
            (_, _) => quote!(!crate::kafka::wire::is_natural(&*#place)),
        }
    }

    /// The default as text, for the schema; empty if it is the natural one.
    pub(crate) fn initial_text(&self) -> String {
        match &self.initial {
            Initial::Natural => String::new(),
            Initial::Null => "null".into(),
            Initial::Value(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => text.value(),
            Initial::Value(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => {
                number.base10_digits().into()
            }
            Initial::Value(value) => value.to_token_stream().to_string().replace(' ', ""),
        }
    }
}

/// Checks that no two tagged fields share a number.
pub(crate) fn check_tags(fields: &[Field]) -> Result<()> {
    let mut seen = Vec::new();
    for field in fields {
        if let Some(tag) = field.tag {
            if seen.contains(&tag) {
                return Err(Error::new(field.name.span(), format!("tag {tag} is taken")));
            }
            seen.push(tag);
        }
    }
    Ok(())
}

/// The range given, if any, and the tag.
fn placement(attributes: &FieldAttributes) -> Result<(Option<Versions>, Option<u32>)> {
    match (attributes.tag, attributes.tagged) {
        (None, None) => Ok((attributes.versions.map(|range| range.versions), None)),
        (Some((_, span)), None) => {
            Err(Error::new(span, "a `tag` needs the versions that have it: `tagged = \"12+\"`"))
        }
        (None, Some(range)) => Err(Error::new(range.span, "`tagged` needs the number: `tag = 0`")),
        (Some((tag, _)), Some(range)) => match attributes.versions {
            Some(versions) => {
                Err(Error::new(versions.span, "a tagged field is where `tagged` says it is"))
            }
            None => Ok((Some(range.versions), Some(tag))),
        },
    }
}

/// Checks a default against the type.
fn initial(default: Option<Expr>, shape: Shape, option: bool) -> Result<Initial> {
    let Some(value) = default else { return Ok(Initial::Natural) };
    if matches!(&value, Expr::Path(path) if path.path.is_ident("null")) {
        if option {
            return Ok(Initial::Null);
        }
        return Err(Error::new_spanned(value, "only an `Option` can be null"));
    }
    let negative;
    let literal = match &value {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            negative = true;
            &**expr
        }
        other => {
            negative = false;
            other
        }
    };
    let Expr::Lit(ExprLit { lit, .. }) = literal else {
        return Err(Error::new_spanned(value, "a default is a literal or `null`"));
    };
    let (fits, wanted) = match shape {
        Shape::Bool => (matches!(lit, Lit::Bool(_)), "`true` or `false`"),
        Shape::Number | Shape::Code => (matches!(lit, Lit::Int(_)), "a number"),
        Shape::Text => (matches!(lit, Lit::Str(_)), "text in quotes"),
        Shape::Sequence | Shape::Other => (false, "no default of its own, save `null`"),
    };
    if fits && (!negative || matches!(lit, Lit::Int(_))) {
        Ok(Initial::Value(value))
    } else {
        Err(Error::new_spanned(value, format!("this field takes {wanted}")))
    }
}

impl Shape {
    fn of(ty: &Type) -> Self {
        let Type::Path(path) = ty else { return Self::Other };
        let Some(last) = path.path.segments.last() else { return Self::Other };
        match last.ident.to_string().as_str() {
            "bool" => Self::Bool,
            "i8" | "i16" | "u16" | "i32" | "u32" | "i64" => Self::Number,
            "ErrorCode" => Self::Code,
            "Str" => Self::Text,
            "Bytes" | "Vec" | "SmallVec" | "Ids" => Self::Sequence,
            _ => Self::Other,
        }
    }
}

/// The type inside an `Option`.
fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}
