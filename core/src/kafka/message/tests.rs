use super::*;

#[test]
fn the_tables_are_sorted_and_agree() {
    assert!(APIS.is_sorted_by_key(|api| api.key));
    assert!(APIS.iter().eq(PRINTERS.iter().map(|printer| &printer.api)));
    assert_eq!(api(3).map(|api| api.name), Some("Metadata"));
    assert_eq!(printer(22).map(|printer| printer.api.latest_stable()), Some(5));
    assert!(api(999).is_none() && api(-1).is_none() && printer(999).is_none());
}
