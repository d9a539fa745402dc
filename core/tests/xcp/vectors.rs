//! Reads the vectors: one JSON object per line, bytes in hexadecimal.

use serde_json::Value;

/// The lines of a file of vectors; `None`, said in a line, where the definitions are not at hand.
pub fn vectors(name: &str) -> Option<Vec<Value>> {
    let Some(root) = std::env::var_os("GRIDWIRE_DEFINITIONS") else {
        println!("not checked: XCP's vectors of {name} (GRIDWIRE_DEFINITIONS is unset)");
        return None;
    };
    let path = std::path::Path::new(&root).join(format!("xcp/vectors/{name}.jsonl"));
    let text = std::fs::read_to_string(&path).expect("the vectors");
    // Half of a surrogate pair, which Python writes and no text here can hold.
    let text = text.replace("\"\\ud83c\"", "\"half of a pair\"");
    let lines: Vec<_> =
        text.lines().map(|line| serde_json::from_str(line).expect("a vector")).collect();
    assert!(!lines.is_empty());
    Some(lines)
}

/// The bytes of a member.
pub fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hexadecimal").as_bytes();
    assert!(text.len().is_multiple_of(2));
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a digit") as u8;
    text.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
