//! What `#[message]` says about a wrong attribute, and under which word.

#[test]
fn wrong_attributes_are_errors_under_the_word() {
    trybuild::TestCases::new().compile_fail("tests/ui_message/*.rs");
}
