//! Hazelcast messages built from the descriptions of their declarations, frame by frame: sound ones
//! of every type at every version, whatever is in them, and ones with a fault somewhere.
//!
//! It knows the layouts of the protocol by itself, so that a decoder and an encoder that agree with
//! each other and not with the protocol are found out.

use arbitrary::Unstructured;
use bytes::{BufMut, Bytes, BytesMut};
use gridwire_core::hazelcast::frame::{FRAME_HEADER, flags};
use gridwire_core::hazelcast::message::sql_page::SqlColumnType;
use gridwire_core::hazelcast::schema::{CustomSchema, FieldSchema, Kind, MessageSchema, Shape};
use gridwire_core::hazelcast::{Message, Version, message};

/// What has to be decided while a message is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// How many items a list has that is in so many others.
    Items(u32),
    /// Null (not 0) or a value, in so many lists.
    Null(u32),
    /// How long a text or an array is.
    Length,
    /// A byte of a value.
    Byte,
}

/// A message of this type at this version.
pub fn build(
    schema: &MessageSchema,
    message_type: u32,
    at: Version,
    choose: &mut dyn FnMut(Choice) -> usize,
) -> Bytes {
    let mut writer = Writer { out: BytesMut::new(), last: 0, at, choose, depth: 0 };
    let mut initial = message_type.to_le_bytes().to_vec();
    initial.resize(schema.kind.header(), 0);
    writer.fixed(schema.fields, &mut initial);
    let event = if schema.kind == Kind::Event { flags::IS_EVENT } else { 0 };
    writer.frame(flags::UNFRAGMENTED | event, &initial);
    writer.others(schema.fields);
    let flags = writer.last + 5;
    writer.out[flags] |= (flags::IS_FINAL >> 8) as u8;
    writer.out.freeze()
}

struct Writer<'c> {
    out: BytesMut,
    /// Where the last frame begins.
    last: usize,
    at: Version,
    choose: &'c mut dyn FnMut(Choice) -> usize,
    /// Lists around what is written.
    depth: u32,
}

impl Writer<'_> {
    fn frame(&mut self, flags: u16, payload: &[u8]) {
        self.last = self.out.len();
        self.out.put_i32_le((FRAME_HEADER + payload.len()) as i32);
        self.out.put_u16_le(flags);
        self.out.put_slice(payload);
    }

    fn begin(&mut self) {
        self.frame(flags::BEGIN_DATA_STRUCTURE, &[]);
    }

    fn end(&mut self) {
        self.frame(flags::END_DATA_STRUCTURE, &[]);
    }

    fn bytes(&mut self, length: usize, mask: u8) -> Vec<u8> {
        (0..length).map(|_| (self.choose)(Choice::Byte) as u8 & mask).collect()
    }

    /// The fixed-size fields that the version has, one behind the other.
    fn fixed(&mut self, fields: &[FieldSchema], to: &mut Vec<u8>) {
        let at = self.at;
        for field in fields.iter().filter(|field| field.since <= at) {
            if size(&field.shape).is_some() {
                self.value(&field.shape, to);
            }
        }
    }

    /// The fields with frames of their own.
    fn others(&mut self, fields: &[FieldSchema]) {
        let at = self.at;
        for field in fields.iter().filter(|field| field.since <= at) {
            if size(&field.shape).is_none() {
                self.field(&field.shape);
            }
        }
    }

    fn value(&mut self, shape: &Shape, to: &mut Vec<u8>) {
        let size = size(shape).unwrap_or(0);
        let null =
            matches!(shape, Shape::Nullable(_)) && (self.choose)(Choice::Null(self.depth)) != 0;
        match shape {
            Shape::Boolean => to.extend(self.bytes(1, 1)),
            _ if null => to.extend([&[1][..], &vec![0; size - 1]].concat()),
            Shape::Uuid | Shape::Nullable(_) => {
                to.push(0);
                to.extend(self.bytes(size - 1, 0xff));
            }
            _ => to.extend(self.bytes(size, 0xff)),
        }
    }

    fn field(&mut self, shape: &Shape) {
        match shape {
            Shape::Nullable(_) if (self.choose)(Choice::Null(self.depth)) != 0 => {
                self.frame(flags::IS_NULL, &[]);
            }
            Shape::Nullable(shape) => self.field(shape),
            Shape::String => self.text(0x7f),
            Shape::Data | Shape::ByteArray => self.text(0xff),
            Shape::SqlPage => self.page(),
            Shape::Custom(schema) => self.custom(schema),
            Shape::List(item) => self.list(item),
            // Found in lists, or not in frames.
            _ => unreachable!("{shape} has no frames of its own"),
        }
    }

    fn text(&mut self, mask: u8) {
        let length = (self.choose)(Choice::Length);
        let bytes = self.bytes(length, mask);
        self.frame(0, &bytes);
    }

    fn custom(&mut self, schema: &CustomSchema) {
        let mut fixed = vec![];
        self.fixed(schema.fields, &mut fixed);
        let fixed_size = |field: &&FieldSchema| size(&field.shape).is_some();
        if schema.fields.iter().filter(fixed_size).any(|field| field.since == schema.since) {
            self.begin();
            self.frame(0, &fixed);
        } else {
            self.frame(flags::BEGIN_DATA_STRUCTURE, &fixed);
        }
        self.others(schema.fields);
        self.end();
    }

    fn list(&mut self, item: &Shape) {
        let items = (self.choose)(Choice::Items(self.depth));
        self.depth += 1;
        match item {
            Shape::Pair(key, value) if size(value).is_some() => self.pooled(items, &[key, value]),
            Shape::Pair(key, value) if size(key).is_some() => {
                self.begin();
                (0..items).for_each(|_| self.field(value));
                self.end();
                self.pooled(items, &[key]);
            }
            Shape::Pair(key, value) => {
                self.begin();
                for _ in 0..items {
                    self.field(key);
                    self.field(value);
                }
                self.end();
            }
            item if size(item).is_some() => self.pooled(items, &[item]),
            item => {
                self.begin();
                (0..items).for_each(|_| self.field(item));
                self.end();
            }
        }
        self.depth -= 1;
    }

    fn pooled(&mut self, items: usize, shapes: &[&Shape]) {
        let mut payload = vec![];
        for _ in 0..items {
            for shape in shapes {
                self.value(shape, &mut payload);
            }
        }
        self.frame(0, &payload);
    }

    fn page(&mut self) {
        let columns = (self.choose)(Choice::Items(self.depth));
        self.depth += 1;
        let kinds: Vec<i32> =
            (0..columns).map(|_| ((self.choose)(Choice::Byte) % 16) as i32).collect();
        self.begin();
        let last = self.bytes(1, 1);
        self.frame(0, &last);
        self.frame(0, &kinds.iter().flat_map(|kind| kind.to_le_bytes()).collect::<Vec<_>>());
        for kind in kinds {
            let rows = (self.choose)(Choice::Items(self.depth));
            let count = (rows as i32).to_le_bytes();
            match SqlColumnType(kind) {
                SqlColumnType::NULL => self.frame(0, &count),
                kind if kind.size().is_some() => {
                    let values = self.bytes(rows * kind.size().unwrap_or(0), 0xff);
                    self.frame(0, &[&[2], &count[..], &values].concat());
                }
                kind => {
                    self.begin();
                    for _ in 0..rows {
                        match kind {
                            _ if (self.choose)(Choice::Null(self.depth)) != 0 => {
                                self.frame(flags::IS_NULL, &[]);
                            }
                            SqlColumnType::JSON => {
                                self.begin();
                                self.text(0x7f);
                                self.end();
                            }
                            _ => self.text(0x7f),
                        }
                    }
                    self.end();
                }
            }
        }
        self.end();
        self.depth -= 1;
    }
}

/// Bytes of a value that is pooled with others in one frame.
fn size(shape: &Shape) -> Option<usize> {
    Some(match shape {
        Shape::Boolean | Shape::Byte => 1,
        Shape::Short => 2,
        Shape::Int | Shape::Float => 4,
        Shape::Long | Shape::Double => 8,
        Shape::Uuid => 17,
        Shape::Nullable(shape) => return size(shape),
        _ => return None,
    })
}

/// A message of any type at any version, sound or with up to three faults. A sound one is written as
/// it was read, byte for byte; of another one that can be read, this holds the second time.
pub fn hazelcast(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let schemas: Vec<_> = message::schemas().collect();
    let Ok(schema) = input.choose(&schemas) else { return };
    let Ok(message_type) = input.choose(schema.ids) else { return };
    let versions: Vec<_> = Version::ALL.into_iter().filter(|at| *at >= schema.since).collect();
    let Ok(at) = input.choose(&versions) else { return };
    let faults = input.int_in_range(0..=3).unwrap_or(0);
    let spoil: Vec<[u16; 3]> = (0..faults).map_while(|_| input.arbitrary().ok()).collect();
    let sound = build(schema, *message_type, *at, &mut |choice| {
        let most = match choice {
            Choice::Items(depth) => 4usize.saturating_sub(depth as usize),
            Choice::Null(_) => 1,
            Choice::Length => 9,
            Choice::Byte => 255,
        };
        input.int_in_range(0..=most).unwrap_or(0)
    });
    if spoil.is_empty() {
        written_as_read(schema, *at, sound);
        return;
    }
    let mut frames = frames(&sound);
    for [what, which, how] in spoil {
        let which = usize::from(which) % frames.len();
        match what % 5 {
            0 if frames.len() > 1 => drop(frames.remove(which)),
            1 => frames.insert(which, frames[which].clone()),
            2 => frames[which].0 ^= how,
            3 => frames[which].1.truncate(usize::from(how) % 20),
            _ => {
                let at = usize::from(how) % frames[which].1.len().max(1);
                frames[which].1.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= how as u8);
            }
        }
    }
    let mut out = BytesMut::new();
    for (at, (flags, payload)) in frames.iter().enumerate() {
        let mut flags = *flags | if at == 0 { flags::UNFRAGMENTED } else { 0 };
        flags &= !flags::IS_FINAL;
        flags |= if at + 1 == frames.len() { flags::IS_FINAL } else { 0 };
        out.put_i32_le((FRAME_HEADER + payload.len()) as i32);
        out.put_u16_le(flags);
        out.put_slice(payload);
    }
    crate::messages::hazelcast_raw(&out);
}

/// That a sound message is read, as of no newer version than it was written at, and written as it
/// was.
pub fn written_as_read(schema: &MessageSchema, at: Version, bytes: Bytes) {
    let message = Message::new(bytes.clone()).expect("whole frames");
    let printer = message::printer(message.message_type()).expect("declared");
    let printed = match printer.print(&message) {
        Ok(printed) => printed,
        Err(error) => panic!("{} at {at}: {error}: {bytes:02x?}", schema.name),
    };
    let text = format!("{} at {at}: {:?}", schema.name, printed.body);
    assert!(printed.version <= at, "{}: {text}", printed.version);
    assert_eq!(printed.encoded.into_bytes(), bytes, "{text}");
}

/// Flags and payload of each frame.
fn frames(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut frames = vec![];
    while let [a, b, c, d, e, f, rest @ ..] = bytes {
        let payload = u32::from_le_bytes([*a, *b, *c, *d]) as usize - FRAME_HEADER;
        frames.push((u16::from_le_bytes([*e, *f]), rest[..payload].to_vec()));
        bytes = &rest[payload..];
    }
    frames
}
