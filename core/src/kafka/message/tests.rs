use super::*;

#[test]
fn the_tables_are_sorted_and_agree() {
    assert!(APIS.is_sorted_by_key(|api| api.key));
    assert!(APIS.iter().eq(PRINTERS.iter().map(|printer| &printer.api)));
    assert_eq!(api(3).map(|api| api.name), Some("Metadata"));
    assert_eq!(printer(22).map(|printer| printer.api.latest_stable()), Some(5));
    assert!(api(999).is_none() && api(-1).is_none() && printer(999).is_none());
}

/// Every message at every version, drawn from a seed, is read as it was written.
#[cfg(feature = "arbitrary")]
#[test]
fn what_is_written_is_read_back() {
    use arbitrary::Unstructured;

    use crate::rng::Rng;

    let mut rng = Rng::new([22; 32]);
    let mut bytes = alloc::vec![0; 4096];
    let mut runs = 0;
    for printer in PRINTERS {
        let Versions { min, max } = printer.api.versions;
        for version in min..=max {
            for seed in 0..40 {
                bytes.chunks_mut(32).for_each(|chunk| chunk.copy_from_slice(&rng.seed()));
                // From all zeros, through short inputs, to long ones.
                let drawn = if seed == 0 { &[][..] } else { &bytes[..100 * seed] };
                for round_trip in printer.round_trips {
                    let result = round_trip(version, &mut Unstructured::new(drawn));
                    assert_eq!(result, Ok(Ok(())), "{} {version}", printer.api.name);
                    runs += 1;
                }
            }
        }
    }
    fn check<M: Message>(rng: &mut Rng) {
        for version in M::VERSIONS.min..=M::VERSIONS.max {
            for _ in 0..40 {
                let noise = [rng.seed(), rng.seed()].concat();
                let result = round_trip::<M>(version, &mut Unstructured::new(&noise));
                assert_eq!(result, Ok(Ok(())), "{} {version}", M::NAME);
            }
        }
    }
    check::<RequestHeader>(&mut rng);
    check::<ResponseHeader>(&mut rng);
    check::<consumer_protocol::ConsumerProtocolSubscription>(&mut rng);
    check::<consumer_protocol::ConsumerProtocolAssignment>(&mut rng);
    check::<default_principal_data::DefaultPrincipalData>(&mut rng);
    check::<control_record::LeaderChangeMessage>(&mut rng);
    check::<control_record::VotersRecord>(&mut rng);
    assert!(runs > 6000);
}

/// What a peer sends behind the last field is no part of the message, and kept apart.
#[cfg(feature = "arbitrary")]
#[test]
fn bytes_behind_the_last_field_are_kept_apart() {
    use alloc::vec::Vec;

    use arbitrary::Unstructured;
    use bytes::Bytes;

    use crate::rng::Rng;

    let mut rng = Rng::new([24; 32]);
    for printer in PRINTERS {
        let Versions { min, max } = printer.api.versions;
        for version in min..=max {
            let noise: Vec<u8> = (0..20).flat_map(|_| rng.seed()).collect();
            for (draw, print) in printer.draws.into_iter().zip([printer.request, printer.response])
            {
                let drawn = draw(version, version, &mut Unstructured::new(&noise)).unwrap();
                let body = drawn.encoded.unwrap();
                let longer = Bytes::from([&body[..], &[0, 0xff, 7]].concat());
                let read = print(version, &longer).unwrap();
                assert_eq!(read.text, drawn.text, "{} {version}", printer.api.name);
                assert_eq!(read.trailing, &[0, 0xff, 7][..]);
                assert_eq!(read.encoded.unwrap(), body);
            }
        }
    }
}

/// No decoder panics or hangs on bytes that are not its own: valid messages with a byte changed.
#[cfg(feature = "arbitrary")]
#[test]
fn damaged_messages_are_read_or_refused() {
    use arbitrary::Unstructured;
    use bytes::Bytes;

    use crate::kafka::wire::Writer;
    use crate::rng::Rng;

    let mut rng = Rng::new([23; 32]);
    for _ in 0..100 {
        let noise: alloc::vec::Vec<u8> = (0..40).flat_map(|_| rng.seed()).collect();
        let version = rng.below(19) as i16;
        let u = &mut Unstructured::new(&noise);
        let message = <fetch::FetchResponse as crate::kafka::wire::Wire>::arbitrary(
            u,
            version,
            version >= 12,
        )
        .unwrap();
        let mut writer = Writer::new();
        message.encode(version, &mut writer).unwrap();
        let bytes: alloc::vec::Vec<u8> = writer.finish().into_iter().flatten().collect();
        for _ in 0..50 {
            let mut damaged = bytes.clone();
            let at = rng.below(damaged.len() as u64) as usize;
            damaged[at] = rng.next_u64() as u8;
            let damaged = Bytes::from(damaged);
            for _ in 0..8 {
                let printer = &PRINTERS[rng.below(PRINTERS.len() as u64) as usize];
                for print in [printer.request, printer.response] {
                    let version = rng.below(printer.api.versions.max as u64 + 1) as i16;
                    let _ = print(version, &damaged);
                }
            }
        }
    }
}

/// Tokens, HMACs, salted passwords and the like do not get into logs.
#[test]
fn secrets_are_not_printed() {
    /// Reads a message that holds only numbers and one secret, and prints it.
    fn check(key: i16, response: bool, body: &'static [u8]) {
        let printer = printer(key).unwrap();
        let print = if response { printer.response } else { printer.request };
        let printed = print(0, &bytes::Bytes::from_static(body)).unwrap();
        assert!(printed.text.contains("secret"), "{}", printed.text);
        assert!(!printed.text.contains("hush"), "{}", printed.text);
        assert_eq!(printed.encoded, Ok(bytes::Bytes::from_static(body)));
    }

    // SaslAuthenticate, both ways.
    check(36, false, b"\0\0\0\x04hush");
    check(36, true, b"\0\0\0\0\0\0\0\x04hush");
    // The token that was created, renewed, expired.
    let created = [&[0; 2 + 2 + 2 + 8 + 8 + 8 + 2][..], b"\0\0\0\x04hush\0\0\0\0"].concat();
    check(38, true, created.leak());
    check(39, false, b"\0\0\0\x04hush\0\0\0\0\0\0\0\0");
    check(40, false, b"\0\0\0\x04hush\0\0\0\0\0\0\0\0");
    // AlterUserScramCredentials: the salt and the salted password of a user without a name.
    check(51, false, b"\x01\x02\x01\x01\0\0\x10\0\x05hush\x05hush\0\0");
    // AlterConfigs and IncrementalAlterConfigs, which may set a broker's passwords.
    check(33, false, b"\0\0\0\x01\x04\0\0\0\0\0\x01\0\0\0\x04hush\0");
    check(44, false, b"\0\0\0\x01\x04\0\0\0\0\0\x01\0\0\0\0\x04hush\0");
    // Envelope, which may hold any of them.
    check(58, false, b"\x05hush\x01\x01\0");
}
