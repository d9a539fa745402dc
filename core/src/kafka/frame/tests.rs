use super::*;
use crate::kafka::message::metadata::{MetadataRequest, MetadataResponse};

fn split(bytes: &[u8]) -> Result<Option<Bytes>, Malformed> {
    Splitter::default().next(&mut BytesMut::from(bytes))
}

#[test]
fn sizes_that_are_negative_or_too_large_are_refused() {
    let fault = |bytes: &[u8]| split(bytes).unwrap_err().fault;
    assert_eq!(fault(&[0xff; 4]), Fault::Length(-1));
    assert_eq!(fault(&[0x80, 0, 0, 0]), Fault::Length(i64::from(i32::MIN)));
    let limit = LIMIT as u64;
    assert_eq!(fault(&[0x7f, 0xff, 0xff, 0xff]), Fault::Limit { size: 0x7fff_ffff, limit });
    assert_eq!(fault(b"GET / HTTP/1.1"), Fault::Limit { size: 0x4745_5420, limit });
    let mut small = Splitter::new(LIMIT_BEFORE_AUTHENTICATION);
    let mut data = BytesMut::from(&[0, 8, 0, 1][..]);
    assert!(small.next(&mut data).is_err());
    small.set_limit(LIMIT);
    assert_eq!(small.next(&mut data), Ok(None));
}

#[test]
fn frames_shorter_than_a_header_are_malformed_there() {
    assert_eq!(split(&[0, 0, 0, 0]), Ok(Some(Bytes::new())));
    let api = <MetadataRequest as Request>::API;
    for len in 0..8 {
        let frame = Bytes::from_static(&[0; 8]).slice(..len);
        assert!(split_request(&frame).is_err());
        assert_eq!(correlation_id(&frame).is_err(), len < 4);
        assert_eq!(split_response(&frame, &api, 9).is_err(), len < 5);
    }
    let frame = split(&[0, 0, 0, 5, 0, 3, 0, 0, 9]).unwrap().unwrap();
    assert_eq!(frame.len(), 5);
    assert!(split_request(&frame).is_err());
}

#[test]
fn frames_come_off_the_front_whole_however_they_arrive() {
    let mut out = Writer::new();
    for version in [0, 9] {
        write_request(&mut out, version, i32::from(version), None, &MetadataRequest::default())
            .unwrap();
    }
    let bytes: alloc::vec::Vec<u8> = out.finish().into_iter().flatten().collect();
    for step in [1, 3, bytes.len()] {
        let mut splitter = Splitter::default();
        let mut data = BytesMut::new();
        let mut seen = alloc::vec::Vec::new();
        for chunk in bytes.chunks(step) {
            data.extend_from_slice(chunk);
            while let Some(frame) = splitter.next(&mut data).unwrap() {
                seen.push(split_request(&frame).unwrap().0.correlation_id);
            }
        }
        assert_eq!(seen, [0, 9]);
        assert!(data.is_empty());
    }
}

#[test]
fn four_bytes_claim_no_more_than_a_mebibyte() {
    let mut splitter = Splitter::default();
    let mut data = BytesMut::from(&[0x06, 0, 0, 0][..]);
    assert_eq!(splitter.next(&mut data), Ok(None));
    assert!(data.capacity() <= 2 * TRUSTED, "{}", data.capacity());
    data.resize(TRUSTED + 1, 0);
    assert_eq!(splitter.next(&mut data), Ok(None));
    assert!(data.capacity() <= 4 * TRUSTED, "{}", data.capacity());
    // A small frame gets exactly its room.
    let mut data = BytesMut::from(&[0, 1, 0, 0][..]);
    assert_eq!(Splitter::default().next(&mut data), Ok(None));
    assert!(data.capacity() >= 0x1_0004);
}

#[test]
fn a_message_that_cannot_be_written_leaves_nothing_behind() {
    let mut out = Writer::new();
    let none = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let error = write_request(&mut out, 0, 1, None, &none).unwrap_err();
    assert_eq!((error.context, error.version), ("MetadataRequest.topics", 0));
    assert!(out.is_empty());
    assert!(
        write_response::<MetadataRequest>(&mut out, 14, 1, &MetadataResponse::default()).is_err()
    );
    assert!(out.is_empty() && out.finish().is_empty());
}

#[test]
fn the_api_versions_response_has_the_old_header() {
    use crate::kafka::message::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
    let mut out = Writer::new();
    write_response::<ApiVersionsRequest>(&mut out, 3, 7, &ApiVersionsResponse::default()).unwrap();
    let bytes: alloc::vec::Vec<u8> = out.finish().into_iter().flatten().collect();
    assert_eq!(bytes, [0, 0, 0, 12, 0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 0]);
}
