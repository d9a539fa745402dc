use super::*;

#[test]
fn names_are_kafka_s() {
    for name in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let how: CompressionType = name.parse().unwrap();
        assert_eq!(alloc::format!("{:?}", how.codec()), name);
        assert_eq!(CompressionType::of(how.codec()), Some(how));
    }
    assert_eq!("brotli".parse::<CompressionType>(), Err(UnknownCompressionType));
    assert_eq!(CompressionType::of(Compression(5)), None);
}

#[test]
fn what_is_not_there_is_said() {
    let mut decompressor = Decompressor::default();
    for number in 1..8 {
        let codec = Compression(number);
        if codec.is_built_in() {
            continue;
        }
        let error = decompressor.decompress(codec, &[]).unwrap_err();
        match CompressionType::of(codec) {
            Some(how) => {
                assert_eq!(error, RecordsError::NotBuiltIn(codec));
                assert_eq!(compress(how, b"x", Era::Since1, &mut Vec::new()), Err(error));
            }
            None => assert_eq!(error, RecordsError::UnsupportedCodec(codec)),
        }
    }
}

#[cfg(all(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd"))]
mod all {
    use alloc::vec;

    use super::*;

    const ALL: [CompressionType; 4] = [
        CompressionType::GZIP,
        CompressionType::Snappy,
        CompressionType::Lz4,
        CompressionType::ZSTD,
    ];

    fn packed(how: CompressionType, from: &[u8], era: Era) -> Vec<u8> {
        let mut out = vec![7; 3];
        compress(how, from, era, &mut out).unwrap();
        assert_eq!(&out[..3], [7; 3]);
        out.split_off(3)
    }

    /// Bytes of every kind: none, few, more than a block, random, and zeros.
    fn samples() -> Vec<Vec<u8>> {
        let mut state = 1u32;
        let mut random = |len: usize, mask: u8| -> Vec<u8> {
            (0..len)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8 & mask
                })
                .collect()
        };
        vec![
            vec![],
            vec![1],
            random(100, 3),
            random(200_000, 255),
            random(300_000, 1),
            vec![0; 1 << 20],
        ]
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let mut decompressor = Decompressor::default();
        for sample in samples() {
            for how in ALL {
                for era in [Era::Oldest, Era::Since1] {
                    let packed = packed(how, &sample, era);
                    assert_eq!(decompressor.unpack(how.codec(), &packed, era), Ok(&sample[..]));
                    for cut in [0, 1, packed.len() / 2, packed.len() - 1] {
                        if how == CompressionType::Snappy && cut == 16 {
                            continue;
                        }
                        let cut = decompressor.unpack(how.codec(), &packed[..cut], era).err();
                        assert!(cut.is_some() || sample.is_empty(), "{how:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn levels_make_a_difference() {
        let sample = &samples()[4][..30_000];
        let len = |how| packed(how, sample, Era::Since1).len();
        let gzip = |level| len(CompressionType::Gzip { level: Some(level) });
        let zstd = |level| len(CompressionType::Zstd { level: Some(level) });
        assert!(gzip(9) < gzip(1) && zstd(19) < zstd(1));
        // Out of range is as near as there is.
        assert_eq!((gzip(0), gzip(99)), (gzip(1), gzip(9)));
        assert_eq!(zstd(i32::MAX), zstd(22));
    }

    #[test]
    fn bombs_end_at_the_limit() {
        let bomb = vec![0; 2 << 20];
        for how in ALL {
            let packed = packed(how, &bomb, Era::Since1);
            let mut decompressor = Decompressor::new(1 << 18);
            let error = decompressor.decompress(how.codec(), &packed);
            assert_eq!(error, Err(RecordsError::TooLarge { limit: 1 << 18 }), "{how:?}");
            assert!(decompressor.buffer.len() <= (1 << 18) + 1);
            let exact = super::compress_exactly(how, 1 << 18);
            assert_eq!(decompressor.decompress(how.codec(), &exact).map(<[u8]>::len), Ok(1 << 18));
        }
    }

    #[test]
    fn stated_sizes_are_not_believed() {
        let mut decompressor = Decompressor::default();
        // Raw snappy that promises 64 MiB; an lz4 frame that promises 4 EiB; a zstd frame, 1 GiB.
        let snappy = [0x80, 0x80, 0x80, 0x20, 0];
        assert!(decompressor.decompress(Compression::SNAPPY, &snappy).is_err());
        let mut lz4 = vec![0x04, 0x22, 0x4d, 0x18, 0x68, 0x70, 0, 0, 0, 0, 0, 0, 0, 0x40];
        lz4.push((twox_hash::XxHash32::oneshot(0, &lz4[4..]) >> 8) as u8);
        lz4.extend_from_slice(&[0; 4]);
        assert_eq!(decompressor.decompress(Compression::LZ4, &lz4), Ok(&[][..]));
        let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 0x01, 0, 0];
        assert!(decompressor.decompress(Compression::ZSTD, &zstd).is_err());
        assert!(decompressor.buffer.len() < 1 << 18, "{}", decompressor.buffer.len());
    }

    #[test]
    fn snappy_is_read_framed_raw_and_joined() {
        let mut decompressor = Decompressor::default();
        let raw = snap::raw::Encoder::new().compress_vec(b"SNAPPY or not").unwrap();
        let unpacked = decompressor.decompress(Compression::SNAPPY, &raw);
        assert_eq!(unpacked, Ok(&b"SNAPPY or not"[..]));
        let framed = packed(CompressionType::Snappy, b"abc", Era::Since1);
        assert_eq!(framed[..16], *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
        let twice = [&framed[..], &framed[..]].concat();
        assert_eq!(decompressor.decompress(Compression::SNAPPY, &twice), Ok(&b"abcabc"[..]));
        for wrong in [&framed[..10], &framed[..18], &[&framed[..16], &[0xff; 4]].concat()] {
            assert!(decompressor.decompress(Compression::SNAPPY, wrong).is_err());
        }
    }

    #[test]
    fn lz4_s_old_header_checksum_is_kept_to_format_0() {
        let mut decompressor = Decompressor::default();
        let old = packed(CompressionType::Lz4, b"abc", Era::Oldest);
        let new = packed(CompressionType::Lz4, b"abc", Era::Since1);
        // As every client since has it for 64 KiB and no flags, and as the old ones had it.
        assert_eq!((new[6], old[6]), (0x82, 0x1a));
        assert_eq!(decompressor.unpack(Compression::LZ4, &old, Era::Oldest), Ok(&b"abc"[..]));
        assert_eq!(decompressor.unpack(Compression::LZ4, &new, Era::Oldest), Ok(&b"abc"[..]));
        assert!(decompressor.unpack(Compression::LZ4, &old, Era::Since1).is_err());
    }

    /// A frame of two blocks, the second of which copies from the first.
    #[test]
    fn lz4_blocks_that_lean_on_each_other_are_read() {
        let first = b"one block that the next one leans on, ";
        let second = lz4_flex::block::compress_with_dict(first, first);
        assert!(second.len() < first.len());
        let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x54, 0x40];
        frame.push((twox_hash::XxHash32::oneshot(0, &frame[4..]) >> 8) as u8);
        let mut block = |bytes: &[u8], stored: u32| {
            frame.extend_from_slice(&(bytes.len() as u32 | stored).to_le_bytes());
            frame.extend_from_slice(bytes);
            // FLG says that blocks have checksums.
            frame.extend_from_slice(&twox_hash::XxHash32::oneshot(0, bytes).to_le_bytes());
        };
        block(first, 1 << 31);
        block(&second, 0);
        frame.extend_from_slice(&[0; 4]);
        let both = [&first[..], &first[..]].concat();
        frame.extend_from_slice(&twox_hash::XxHash32::oneshot(0, &both).to_le_bytes());
        let mut decompressor = Decompressor::default();
        assert_eq!(decompressor.decompress(Compression::LZ4, &frame), Ok(&both[..]));
        for at in [4, 5, 6, 20, frame.len() - 1] {
            let mut wrong = frame.clone();
            wrong[at] ^= 1;
            assert!(decompressor.decompress(Compression::LZ4, &wrong).is_err(), "{at}");
        }
    }
}

#[cfg(all(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd"))]
fn compress_exactly(how: CompressionType, len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    compress(how, &alloc::vec![0; len], Era::Since1, &mut out).unwrap();
    out
}
