//! CRC32C (Castagnoli), which Kafka's record batches and XCP's frames carry, and CRC32, which Kafka's older
//! message sets do.
//!
//! With `std` the processor's own instructions compute it; without, tables do, since the fast crate
//! doesn't build there.

/// The CRC32C of `data`: 0xE3069283 for `123456789`, 0 for nothing.
#[cfg(feature = "std")]
pub fn crc32c(data: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(data)
}

/// The CRC32C of `data`: 0xE3069283 for `123456789`, 0 for nothing.
#[cfg(not(feature = "std"))]
pub fn crc32c(data: &[u8]) -> u32 {
    static TABLES: crc::Crc<u32, crc::Table<16>> =
        crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISCSI);
    TABLES.checksum(data)
}

/// The CRC32 of gzip and zlib: 0xCBF43926 for `123456789`, 0 for nothing.
#[cfg(all(feature = "kafka", feature = "std"))]
pub fn crc32(data: &[u8]) -> u32 {
    crc_fast::crc32_iso_hdlc(data)
}

/// The CRC32 of gzip and zlib: 0xCBF43926 for `123456789`, 0 for nothing.
#[cfg(all(feature = "kafka", not(feature = "std")))]
pub fn crc32(data: &[u8]) -> u32 {
    static TABLES: crc::Crc<u32, crc::Table<16>> =
        crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISO_HDLC);
    TABLES.checksum(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(crc32c(b""), 0);
        assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
        #[cfg(feature = "kafka")]
        assert_eq!((crc32(b"123456789"), crc32(b"")), (0xCBF4_3926, 0));
    }
}
