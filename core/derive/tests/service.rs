//! A wrong declaration of a service is an error under the word that is wrong.

#[test]
fn wrong_declarations_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/service/*.rs");
}
