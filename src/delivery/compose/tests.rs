//! The override file: what is brought in, found again, kept and taken out.

use super::*;
use crate::delivery::entries::{Conflict, StaticKey, Undefined};

const MOUNT: &str = "/home/ana/.aws:/home/astro/.aws:ro";
const SESSION: &str = "/state/etl:/home/astro/.aws:ro";

fn wanted(services: &[&str], volume: &str, environment: &[(&str, &str)]) -> Wanted {
    Wanted {
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        volume: Some(volume.to_owned()),
        sessions: Some("/state/".to_owned()),
        adopts: false,
        environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        ..Wanted::default()
    }
}

fn bring(text: &str, wanted: &Wanted, owned: &[Owned]) -> Edited {
    bring_to(Some(text.as_bytes()), wanted, owned, OnConflict::Keep).unwrap()
}

fn text(edited: &Edited) -> String {
    String::from_utf8(edited.bytes.clone()).unwrap()
}

fn taken_out(edited: &Edited) -> String {
    String::from_utf8(take_out(&edited.bytes, &edited.owned).unwrap()).unwrap()
}

#[test]
fn an_empty_file_gets_each_service() {
    let edited = bring("", &wanted(&["scheduler", "webserver"], MOUNT, &[("AWS_PROFILE", "dev")]), &[]);
    assert_eq!(
        text(&edited),
        "services:\n  scheduler:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      AWS_PROFILE: dev\n  \
         webserver:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      AWS_PROFILE: dev\n"
    );
    assert_eq!(edited.owned.len(), 4);
}

#[test]
fn a_second_time_changes_nothing_and_owns_the_same() {
    let wanted = wanted(&["scheduler"], MOUNT, &[("AWS_PROFILE", "dev"), ("A", "true")]);
    let first = bring("# mine\n", &wanted, &[]);
    let second = bring(&text(&first), &wanted, &first.owned);
    assert_eq!(text(&second), text(&first));
    assert_eq!(second.owned, first.owned);
}

#[test]
fn another_delivery_replaces_the_volume_where_it_stands() {
    let first = bring("", &wanted(&["scheduler"], MOUNT, &[]), &[]);
    let with_comment = text(&first).replace("aws:ro\n", "aws:ro  # keep me\n");
    let second = bring(&with_comment, &wanted(&["scheduler"], SESSION, &[]), &first.owned);
    assert_eq!(text(&second), with_comment.replace(MOUNT, SESSION));
}

#[test]
fn another_airflow_moves_our_entries_and_no_other() {
    let two = bring(
        "services:\n  webserver:\n    tty: true\n",
        &wanted(&["scheduler", "webserver"], MOUNT, &[("P", "dev")]),
        &[],
    );
    let three = bring(&text(&two), &wanted(&["scheduler", "api-server"], MOUNT, &[("P", "dev")]), &two.owned);
    assert_eq!(
        text(&three),
        "services:\n  webserver:\n    tty: true\n  scheduler:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      P: dev\n  \
         api-server:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      P: dev\n"
    );
}

#[test]
fn mounts_of_a_person_at_our_place_are_respected_in_every_syntax() {
    for own in [
        "./aws:/home/astro/.aws",
        "~/.aws/config:/home/astro/.aws/config:ro",
        "'C:\\Users\\ana\\.aws:/home/astro/.aws:ro'",
        "{type: bind, source: /x, target: /home/astro/.aws/}",
        "/home/astro/.aws",
        "${AWS_DIR:-~/.aws}:/home/astro/.aws:ro",
    ] {
        let file = format!("services:\n  scheduler:\n    volumes:\n      - {own}\n");
        let edited = bring(&file, &wanted(&["scheduler"], MOUNT, &[]), &[]);
        assert_eq!(text(&edited), file, "{own}");
        assert_eq!(edited.own_mounts.len(), 1, "{own}");
        assert_eq!((edited.own_mounts[0].line, edited.owned.len()), (Some(4), 0), "{own}");
    }
}

#[test]
fn mounts_elsewhere_are_no_matter() {
    let file = "services:\n  scheduler:\n    volumes:\n      - ./aws:/home/astro/.awsome\n      - data:/data\n";
    let edited = bring(file, &wanted(&["scheduler"], MOUNT, &[]), &[]);
    assert!(edited.own_mounts.is_empty());
    assert_eq!(text(&edited), format!("{file}      - {MOUNT}\n"));
}

#[test]
fn environment_as_a_list_stays_a_list() {
    let file = "services:\n  scheduler:\n    environment:\n      - X=1\n      - P=dev\n";
    let edited = bring(file, &wanted(&["scheduler"], MOUNT, &[("P", "dev"), ("Q", "true")]), &[]);
    assert!(text(&edited).starts_with(&format!("{file}      - Q=true\n")), "{}", text(&edited));
    let changed = bring(&text(&edited), &wanted(&["scheduler"], MOUNT, &[("P", "dev"), ("Q", "false")]), &edited.owned);
    assert!(text(&changed).contains("      - Q=false\n"));
    assert_eq!(taken_out(&changed), file);
}

#[test]
fn a_value_of_a_person_is_kept_or_replaced_and_brought_back() {
    let file = "services:\n  scheduler:\n    environment:\n      P: prod # mine\n";
    let wanted = wanted(&["scheduler"], MOUNT, &[("P", "dev")]);
    let kept = bring(file, &wanted, &[]);
    assert_eq!(
        kept.conflicts,
        [Conflict {
            line: Some(4),
            service: Some("scheduler".to_owned()),
            key: "P".to_owned(),
            present: "prod".to_owned(),
            wanted: "dev".to_owned()
        }]
    );
    assert!(text(&kept).contains("P: prod # mine"));
    let replaced = bring_to(Some(file.as_bytes()), &wanted, &[], OnConflict::Replace).unwrap();
    assert!(text(&replaced).contains("P: dev # mine"));
    assert_eq!(taken_out(&replaced), file);
}

#[test]
fn what_a_person_changed_since_is_theirs() {
    let first = bring("", &wanted(&["scheduler"], MOUNT, &[("P", "dev")]), &[]);
    let theirs = text(&first).replace(":ro", "").replace("P: dev", "P: other");
    assert_eq!(take_out(theirs.as_bytes(), &first.owned).unwrap(), theirs.as_bytes());
}

#[test]
fn services_without_a_definition_are_named_with_their_line() {
    let file = b"services:\n  webserver:\n    tty: true\n  mine:\n    image: x\n  built: {build: .}\n";
    assert_eq!(
        undefined_services(&Document::parse(file).unwrap()),
        [Undefined { service: "webserver".to_owned(), line: Some(2) }]
    );
    assert_eq!(undefined_services(&Document::empty()), []);
}

#[test]
fn a_session_folder_of_ours_is_known_without_a_record() {
    let file = "services:\n  scheduler:\n    volumes:\n      - /state/before-the-move:/home/astro/.aws:ro\n";
    let edited = bring(file, &wanted(&["scheduler"], SESSION, &[]), &[]);
    assert_eq!(text(&edited), file.replace("before-the-move", "etl"));
    assert!(edited.own_mounts.is_empty() && edited.owned.len() == 1);
}

#[test]
fn a_profile_that_a_person_names_is_noticed_and_ours_is_not() {
    let file = b"services:\n  scheduler:\n    environment: [AWS_PROFILE=team]\n";
    assert_eq!(profile_variables(file, &[]).unwrap(), ["AWS_PROFILE"]);
    let ours = Owned::Environment {
        service: "scheduler".to_owned(),
        key: "AWS_PROFILE".to_owned(),
        value: "team".to_owned(),
        previous: None,
    };
    assert!(profile_variables(file, &[ours]).unwrap().is_empty());
    assert!(profile_variables(b"", &[]).unwrap().is_empty());
}

#[test]
fn a_variable_that_a_person_changed_since_is_named() {
    let first = bring("", &wanted(&["scheduler"], MOUNT, &[("P", "dev")]), &[]);
    let theirs = text(&first).replace("P: dev", "P: prod");
    let changed = changed_since(theirs.as_bytes(), &first.owned).unwrap();
    assert_eq!((changed[0].line, changed[0].present.as_str()), (Some(6), "prod"));
    assert!(changed_since(&first.bytes, &first.owned).unwrap().is_empty());
}

#[test]
fn static_keys_in_the_override_are_found() {
    let file = b"services:\n  scheduler:\n    environment:\n      AWS_ACCESS_KEY_ID: AKIA\n      AWS_SESSION_TOKEN:\n";
    assert_eq!(
        static_keys(&Document::parse(file).unwrap()),
        [StaticKey { service: "scheduler".to_owned(), key: "AWS_ACCESS_KEY_ID", line: Some(4) }]
    );
}

#[test]
fn a_lost_record_is_made_again_from_entries_that_read_as_ours() {
    let wanted = wanted(&["scheduler"], SESSION, &[("P", "dev")]);
    let first = bring("", &wanted, &[]);
    let found = bring_to(Some(&first.bytes), &Wanted { adopts: true, ..wanted }, &[], OnConflict::Keep).unwrap();
    assert_eq!((found.bytes, found.owned), (first.bytes, first.owned));
}
