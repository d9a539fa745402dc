//! What the Python reference wrote and took, held against the codecs. Where the rules are stricter
//! than the reference the test says so, case by case.
#![cfg(feature = "xcp")]

mod xcp;

use bytes::{Bytes, BytesMut};
use gridwire_core::crc::crc32c;
use gridwire_core::xcp::frame::{self, Flags, FrameLimits, FrameReader, Split, SumOrder};
use gridwire_core::xcp::header::{Header, SchemaKey, Tag};
use gridwire_core::xcp::message::kinds::kind_fits;
use gridwire_core::xcp::message::{Ack, Caps, CodecId, Ether, MsgType, Nack, Nonce, kind_id};
use serde_json::{Value, json};
use xcp::pipe::flat;
use xcp::vectors::{hex, vectors};

/// A vector's header as this crate's value; `None` where a member is out of every range.
fn header(value: &Value) -> Option<Header> {
    let number = |member: &Value| member.as_u64();
    let key = &value["schema_key"];
    let tag = |tag: &Value| {
        let text = |at: usize| tag[at].as_str().unwrap().into();
        Tag { key: text(0), val: text(1) }
    };
    Some(Header {
        channel_id: number(&value["channel_id"])? as u32,
        msg_type: MsgType(number(&value["msg_type"])? as u16),
        body_codec: CodecId(number(&value["body_codec"])? as u16),
        schema_key: SchemaKey {
            ns_hash: number(&key["ns_hash"])? as u32,
            kind_id: number(&key["kind_id"])? as u32,
            major: number(&key["major"])? as u16,
            minor: number(&key["minor"])? as u16,
            hash128: hex(&key["hash128"]).try_into().ok()?,
        },
        msg_id: number(&value["msg_id"])?,
        in_reply_to: number(&value["in_reply_to"])?,
        tags: value["tags"].as_array().unwrap().iter().map(tag).collect(),
    })
}

#[test]
fn headers() {
    for vector in vectors("header-json").into_iter().flatten() {
        let expected = header(&vector["header"]).unwrap();
        assert_eq!(Header::decode(&hex(&vector["hex"])), Ok(expected.clone()), "{vector}");
        let short = expected.encode();
        assert_eq!(Header::decode(&short), Ok(expected), "{vector}");
        assert!(short.len() <= hex(&vector["hex"]).len());
    }
}

#[test]
fn headers_of_any_spelling() {
    let mut stricter = 0;
    for vector in vectors("header-json-decode").into_iter().flatten() {
        let bytes = hex(&vector["hex"]);
        let read = Header::decode(&bytes);
        if vector["accepted"] == json!(false) {
            assert!(read.is_err(), "{vector}");
        } else if let Ok(header_read) = &read {
            assert_eq!(Some(header_read), header(&vector["header"]).as_ref(), "{vector}");
        } else {
            // Numbers that are none, hashes that are not 16 bytes, and half a surrogate pair, which
            // no text can hold.
            let half = String::from_utf8_lossy(&bytes).contains("\\ud83c\",");
            assert!(header(&vector["header"]).is_none() || half, "{vector}: {read:?}");
            stricter += 1;
        }
    }
    assert!(stricter == 0 || stricter == 7, "{stricter}");
}

const LIMITS: FrameLimits = FrameLimits { payload: 1 << 20, skip: 1 << 20, major: 0 };

fn split(bytes: &[u8]) -> Result<Option<Split>, gridwire_core::Malformed> {
    FrameReader::default().split(&mut BytesMut::from(bytes), &LIMITS)
}

#[test]
fn frames() {
    for vector in vectors("frame").into_iter().flatten() {
        let bytes = hex(&vector["hex"]);
        let Ok(Some(Split::Frame(read))) = split(&bytes) else { panic!("{vector}") };
        assert_eq!(Header::decode(&read.header).unwrap(), header(&vector["header"]).unwrap());
        assert_eq!(read.payload, hex(&vector["payload"]));
        assert_eq!(Some(u64::from(read.flags.0)), vector["flags"].as_u64());
        assert_eq!(flat(read.encode().unwrap()), bytes, "{vector}");
    }
}

#[test]
fn frames_that_the_reference_takes_or_not() {
    for vector in vectors("frame-decode").into_iter().flatten() {
        let accepted = match split(&hex(&vector["hex"])) {
            Ok(Some(Split::Frame(read))) => Header::decode(&read.header).map(|read_header| {
                if vector["accepted"] == json!(true) {
                    assert_eq!(Some(read_header), header(&vector["header"]), "{vector}");
                    assert_eq!(read.payload, hex(&vector["payload"]));
                }
            }),
            Ok(_) => Err(gridwire_core::xcp::Error::Protocol("not whole")),
            Err(malformed) => Err(malformed.into()),
        };
        let expected = match vector["name"].as_str().unwrap() {
            // The draft's order is taken too.
            "crc-little-endian" => true,
            // The reference doesn't look at the version.
            "version-1.2" => false,
            _ => vector["accepted"] == json!(true),
        };
        assert_eq!(accepted.is_ok(), expected, "{vector}");
    }
}

#[test]
fn sums_and_hashes() {
    for vector in vectors("crc32c").into_iter().flatten() {
        let payload = Bytes::from(hex(&vector["payload"]));
        assert_eq!(Some(u64::from(crc32c(&payload))), vector["crc32c"].as_u64());
        for (order, member) in
            [(SumOrder::Big, "on_wire_reference"), (SumOrder::Little, "on_wire_draft")]
        {
            let frame = frame::encode(2, Flags(0), b"{}", payload.clone(), order).unwrap();
            assert!(flat(frame).ends_with(&hex(&vector[member])), "{vector}");
        }
    }
    for vector in vectors("fnv1a").into_iter().flatten() {
        let text = vector["text"].as_str().unwrap();
        assert_eq!(Some(u64::from(kind_id(text))), vector["hash"].as_u64());
        if let Some(constant) = vector["constant_in_reference"].as_u64() {
            assert!(kind_fits(constant as u32, text), "{vector}");
        }
    }
}

#[test]
fn control_bodies() {
    for vector in vectors("control-json").into_iter().flatten() {
        let (bytes, expected) = (hex(&vector["hex"]), &vector["body"]);
        let again = match vector["type"].as_str().unwrap() {
            "HELLO" | "CAPS" => {
                let caps = Caps::decode(&bytes).unwrap();
                assert_eq!(
                    Some(u64::from(caps.max_frame_bytes)),
                    expected["max_frame_bytes"].as_u64()
                );
                caps.encode()
            }
            "ACK" => Ack::decode(&bytes).unwrap().encode(),
            "NACK" => Nack::decode(&bytes).unwrap().encode(),
            "PING" | "PONG" => Nonce::decode(&bytes).unwrap().encode(),
            other => panic!("{other}"),
        };
        assert_eq!(&serde_json::from_slice::<Value>(&again).unwrap(), expected);
    }
}

/// Members that hold nothing don't differ from absent ones.
fn without_nothing(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        if !members.contains_key("schema_version") {
            members.insert("schema_version".into(), json!(1));
        }
        for attachment in
            members.get_mut("attachments").and_then(Value::as_array_mut).into_iter().flatten()
        {
            attachment.as_object_mut().unwrap().retain(|_, member| !member.is_null());
        }
        members.retain(|_, member| *member != json!({}) && *member != json!([]));
    }
    value
}

#[test]
fn ethers() {
    for vector in vectors("ether-json").into_iter().flatten() {
        if vector.get("error").is_some() {
            continue;
        }
        let bytes = hex(&vector["hex"]);
        let ether = Ether::decode(&bytes).unwrap();
        let again: Value = serde_json::from_slice(&ether.encode()).unwrap();
        assert_eq!(without_nothing(again), without_nothing(vector["ether"].clone()), "{vector}");
        assert_eq!(Ether::decode(&ether.encode()), Ok(ether));
    }
}

#[test]
fn ethers_that_the_reference_takes_or_not() {
    for vector in vectors("ether-json-decode").into_iter().flatten() {
        let read = Ether::decode(&hex(&vector["hex"]));
        assert_eq!(read.is_ok(), vector["is_ether"] == json!(true), "{vector}: {read:?}");
        let (Ok(ether), expected @ Value::Object(_)) = (read, &vector["ether"]) else { continue };
        let mut expected = without_nothing(expected.clone());
        // The reference takes base64 for the bytes themselves.
        if let Some(inline) = expected.pointer_mut("/attachments/0/inline_bytes") {
            *inline = String::from_utf8(hex(&inline["bytes"])).unwrap().into();
            assert_eq!(ether.attachments[0].inline_bytes.as_deref(), Some(&[0, 1, 2][..]));
        }
        let again: Value = serde_json::from_slice(&ether.encode()).unwrap();
        assert_eq!(without_nothing(again), expected, "{vector}");
    }
}
