//! Messages to be looked at: recorders, replay and errors print what they can't know the type of.
//!
//! [`Printer`]s are in tables of their own; a program that names none of them links no decoder that
//! it doesn't use. What is long is cut: a field prints [`FIELD`] characters at most, and bytes their
//! count and beginning.

use alloc::boxed::Box;
use core::fmt::{self, Write as _};

use super::raw::{Encoded, Message};
use super::reader::FrameReader;
use super::schema::{Fields, Kind, Payload};
use super::version::Version;
use super::writer::FrameWriter;
use crate::Malformed;

/// Bytes of text that a field prints before it is cut.
pub const FIELD: usize = 2000;

/// Decodes, prints and re-encodes messages of one type.
#[derive(Debug)]
pub struct Printer {
    /// The message type.
    pub id: u32,
    /// Service and method, or event.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The first version that has it.
    pub since: Version,
    /// The message with its defaults.
    pub blank: fn() -> Box<dyn Fields>,
    /// [`round_trip`] of this message.
    #[cfg(feature = "arbitrary")]
    pub round_trip: fn(&mut arbitrary::Unstructured<'_>) -> Result<(), alloc::string::String>,
}

/// A message that was decoded to be looked at.
#[derive(Debug)]
pub struct Printed {
    /// The newest version whose fields were there.
    pub version: Version,
    /// The fields.
    pub body: Box<dyn Fields>,
    /// The same message encoded again at that version, with the same header.
    pub encoded: Encoded,
}

impl Printer {
    /// Of this message type, which need not be the one that it is declared with.
    pub const fn of<M: Payload + 'static>(id: u32) -> Self {
        Self {
            id,
            name: M::NAME,
            kind: M::KIND,
            since: M::SINCE,
            blank: blank::<M>,
            #[cfg(feature = "arbitrary")]
            round_trip: M::ROUND_TRIP,
        }
    }

    /// Decodes a message, and encodes it again.
    ///
    /// # Errors
    /// As [`Payload::decode`].
    pub fn print(&self, message: &Message) -> Result<Printed, Malformed> {
        self.print_as(message, Version::NEWEST)
    }

    /// [`Printer::print`] as a peer of an older version reads the message: what is newer is skipped.
    ///
    /// # Errors
    /// As [`Payload::decode`].
    pub fn print_as(&self, message: &Message, known: Version) -> Result<Printed, Malformed> {
        let mut from = FrameReader::new(message, self.kind.header(), self.since, self.name)?;
        from.set_known(known);
        let mut body = (self.blank)();
        body.read(&mut from).map_err(|failed| from.malformed(failed))?;
        let version = from.version();
        let encoded = self.encode(message, &*body, version);
        Ok(Printed { version, body, encoded })
    }

    /// A message with the header of `like`, whose type this prints, and other fields.
    pub fn encode(&self, like: &Message, body: &dyn Fields, at: Version) -> Encoded {
        let mut out = FrameWriter::new();
        self.kind.begin(like.message_type(), at, &mut out);
        body.write(&mut out);
        let mut encoded = out.finish();
        encoded.set_header_of(like, self.kind.header());
        encoded
    }
}

fn blank<M: Payload + 'static>() -> Box<dyn Fields> {
    Box::<M>::default()
}

/// Prints a struct of these fields.
pub fn fields(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    names: &[&str],
    values: &[&dyn fmt::Debug],
) -> fmt::Result {
    let mut fields = f.debug_struct(name);
    for (name, value) in names.iter().zip(values) {
        fields.field(name, &Shortened(*value));
    }
    fields.finish()
}

struct Shortened<'a>(&'a dyn fmt::Debug);

impl fmt::Debug for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pretty = f.alternate();
        let mut limited = Limited { to: f, left: FIELD, cut: false };
        let result =
            if pretty { write!(limited, "{:#?}", self.0) } else { write!(limited, "{:?}", self.0) };
        // A cut ends it early, so that printing takes no longer than what is shown.
        if limited.cut { f.write_str("…") } else { result }
    }
}

struct Limited<'a, 'b> {
    to: &'a mut fmt::Formatter<'b>,
    left: usize,
    cut: bool,
}

impl fmt::Write for Limited<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let most = self.left.min(text.len());
        let shown = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.left -= shown;
        self.to.write_str(text.get(..shown).unwrap_or_default())?;
        self.cut = shown < text.len();
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Makes a message up, and looks whether it survives: as it is at the newest version, and at another
/// one without what that lacks. Says what is wrong.
#[cfg(feature = "arbitrary")]
pub fn round_trip<M>(u: &mut arbitrary::Unstructured<'_>) -> Result<(), alloc::string::String>
where
    M: Payload + for<'a> arbitrary::Arbitrary<'a>,
{
    use alloc::format;

    use arbitrary::Arbitrary as _;

    use super::schema::Versioned;

    let encode = |message: &M, at| {
        let mut out = FrameWriter::new();
        message.encode(at, &mut out);
        Message::new(out.finish().into_bytes()).map_err(|wrong| format!("{}: {wrong}", M::NAME))
    };
    let decode =
        |message: &Message| M::decode(message).map_err(|wrong| format!("{}: {wrong}", M::NAME));
    // Not-a-number isn't equal to itself, but its bytes are.
    let differ = |one: &M, other: &M, at| {
        Ok::<_, alloc::string::String>(one != other && encode(one, at)? != encode(other, at)?)
    };
    let Ok(any) = M::arbitrary(u) else { return Ok(()) };
    let (whole, _) = decode(&encode(&any, Version::NEWEST)?)?;
    if differ(&whole, &any, Version::NEWEST)? {
        return Err(format!("{any:#?} came back as {whole:#?}"));
    }
    for at in Version::ALL.into_iter().filter(|at| *at >= M::SINCE) {
        let older = encode(&any, at)?;
        let (message, found) = decode(&older)?;
        if found > at || encode(&message, found)? != older {
            return Err(format!("{any:#?} at {at} was found to be {found}: {message:#?}"));
        }
    }
    let Ok(Versioned { at, message }) = Versioned::<M>::arbitrary(u) else { return Ok(()) };
    let (again, _) = decode(&encode(&message, at)?)?;
    if differ(&again, &message, at)? {
        return Err(format!("{message:#?} at {at} came back as {again:#?}"));
    }
    Ok(())
}
