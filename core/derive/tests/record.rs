//! What the derives of records say about a wrong attribute or a struct that can't be one.

#[test]
fn wrong_attributes_are_errors_under_the_word() {
    trybuild::TestCases::new().compile_fail("tests/ui_record/*.rs");
}
