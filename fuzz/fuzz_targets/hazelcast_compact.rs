#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gridwire_fuzzing::compact::hazelcast(data));
