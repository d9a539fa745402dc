//! The error codes, held against the official list.
#![cfg(feature = "hazelcast")]

use gridwire_core::hazelcast::error::{ErrorCode, ErrorKind, Retry};

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
        assert_ne!(code.kind(), ErrorKind::Unknown, "{name}");
    }
    assert_eq!(ErrorCode::ALL.len(), rows);
    assert_eq!(ErrorCode(4242).to_string(), "error 4242");
}

#[test]
fn codes_mean_something_to_users() {
    use ErrorKind::*;
    for (code, kind) in [
        (23, Argument),
        (26, State),
        (11, Serialization),
        (54, Time),
        (9, Cancelled),
        (52, Cluster),
        (64, Security),
        (41, Capacity),
        (0, UserCode),
        (42, Protection),
        (57, Transaction),
        (80, Indeterminate),
        (51, Stale),
        (89, Coordination),
        (6, Cache),
        (32, Configuration),
        (500, Job),
        (600, Job),
        (72, Internal),
        (1000, UserCode),
        (i32::MAX, UserCode),
        (-1, Unknown),
        (100, Unknown),
        (499, Unknown),
        (601, Unknown),
        (999, Unknown),
    ] {
        assert_eq!(ErrorCode(code).kind(), kind, "{code}");
        assert_eq!(ErrorCode(code).name().is_some(), (0..100).contains(&code), "{code}");
    }
}
