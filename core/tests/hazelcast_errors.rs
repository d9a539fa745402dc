//! The error codes, held against the official list.
#![cfg(feature = "hazelcast")]

use gridwire_core::hazelcast::error::{ErrorCode, Retry};

#[test]
fn every_code_has_its_name_and_retry_class() {
    let Some(definitions) = std::env::var_os("GRIDWIRE_DEFINITIONS") else {
        println!("not checked: Hazelcast's error codes (GRIDWIRE_DEFINITIONS is not set)");
        return;
    };
    let path = std::path::Path::new(&definitions).join("hazelcast/error-codes.csv");
    let list = std::fs::read_to_string(path).unwrap();
    let mut rows = 0;
    for line in list.lines().skip(1) {
        let [name, code, _, retry] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        // Those without a number belong to older releases.
        let Ok(number) = code.parse() else { continue };
        rows += 1;
        let code = ErrorCode(number);
        assert_eq!(code.name(), Some(name));
        let expected = match (code, retry) {
            // The one departure: a member's own failure to write is no proof that nothing was done.
            (ErrorCode::IO | ErrorCode::SOCKET, _) => Retry::IfHarmless,
            (_, "retry-if-retryable-or-redo") => Retry::IfHarmless,
            (_, "") => Retry::Never,
            _ => Retry::Always,
        };
        assert_eq!(code.retry(), expected, "{name}");
    }
    assert_eq!(ErrorCode::ALL.len(), rows);
    assert_eq!(ErrorCode(4242).to_string(), "error 4242");
}
