use super::*;

const MOUNT: &str = "/home/ana/.aws:/home/astro/.aws:ro";
const SESSION: &str = "/state/etl:/home/astro/.aws:ro";

fn wanted(services: &[&str], volume: &str, environment: &[(&str, &str)]) -> Wanted {
    Wanted {
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        volume: Some(volume.to_owned()),
        environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        dotenv: Vec::new(),
    }
}

fn bring(text: &str, wanted: &Wanted, owned: &[Owned]) -> Edited {
    bring_to(Document::parse(text.as_bytes()).unwrap(), wanted, owned, OnConflict::Keep).unwrap()
}

fn text(document: &Document) -> String {
    String::from_utf8(document.bytes().to_vec()).unwrap()
}

#[test]
fn an_empty_file_gets_each_service() {
    let edited = bring("", &wanted(&["scheduler", "webserver"], MOUNT, &[("AWS_PROFILE", "dev")]), &[]);
    assert_eq!(
        text(&edited.document),
        "services:\n  scheduler:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      AWS_PROFILE: dev\n  \
         webserver:\n    volumes:\n      - /home/ana/.aws:/home/astro/.aws:ro\n    environment:\n      AWS_PROFILE: dev\n"
    );
    assert_eq!(edited.owned.len(), 4);
}

#[test]
fn a_second_time_changes_nothing_and_owns_the_same() {
    let wanted = wanted(&["scheduler"], MOUNT, &[("AWS_PROFILE", "dev"), ("A", "true")]);
    let first = bring("# mine\n", &wanted, &[]);
    let second = bring(&text(&first.document), &wanted, &first.owned);
    assert_eq!(text(&second.document), text(&first.document));
    assert_eq!(second.owned, first.owned);
}

#[test]
fn another_delivery_replaces_the_volume_where_it_stands() {
    let first = bring("", &wanted(&["scheduler"], MOUNT, &[]), &[]);
    let with_comment = text(&first.document).replace("aws:ro\n", "aws:ro  # keep me\n");
    let second = bring(&with_comment, &wanted(&["scheduler"], SESSION, &[]), &first.owned);
    assert_eq!(text(&second.document), with_comment.replace(MOUNT, SESSION));
}

#[test]
fn another_airflow_moves_our_entries_and_no_other() {
    let two = bring(
        "services:\n  webserver:\n    tty: true\n",
        &wanted(&["scheduler", "webserver"], MOUNT, &[("P", "dev")]),
        &[],
    );
    let three = bring(&text(&two.document), &wanted(&["scheduler", "api-server"], MOUNT, &[("P", "dev")]), &two.owned);
    assert_eq!(
        text(&three.document),
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
    ] {
        let file = format!("services:\n  scheduler:\n    volumes:\n      - {own}\n");
        let edited = bring(&file, &wanted(&["scheduler"], MOUNT, &[]), &[]);
        assert_eq!(text(&edited.document), file, "{own}");
        assert_eq!(edited.own_mounts.len(), 1, "{own}");
        assert_eq!((edited.own_mounts[0].line, edited.owned.len()), (Some(4), 0), "{own}");
    }
}

#[test]
fn mounts_elsewhere_are_no_matter() {
    let file = "services:\n  scheduler:\n    volumes:\n      - ./aws:/home/astro/.awsome\n      - data:/data\n";
    let edited = bring(file, &wanted(&["scheduler"], MOUNT, &[]), &[]);
    assert!(edited.own_mounts.is_empty());
    assert_eq!(text(&edited.document), format!("{file}      - {MOUNT}\n"));
}

#[test]
fn environment_as_a_list_stays_a_list() {
    let file = "services:\n  scheduler:\n    environment:\n      - X=1\n      - P=dev\n";
    let edited = bring(file, &wanted(&["scheduler"], MOUNT, &[("P", "dev"), ("Q", "true")]), &[]);
    assert!(text(&edited.document).starts_with(&format!("{file}      - Q=true\n")), "{}", text(&edited.document));
    let changed =
        bring(&text(&edited.document), &wanted(&["scheduler"], MOUNT, &[("P", "dev"), ("Q", "false")]), &edited.owned);
    assert!(text(&changed.document).contains("      - Q=false\n"));
    assert_eq!(text(&take_out(changed.document, &changed.owned).unwrap()), file);
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
    assert!(text(&kept.document).contains("P: prod # mine"));
    let replaced = bring_to(Document::parse(file.as_bytes()).unwrap(), &wanted, &[], OnConflict::Replace).unwrap();
    assert!(text(&replaced.document).contains("P: dev # mine"));
    assert_eq!(text(&take_out(replaced.document, &replaced.owned).unwrap()), file);
}

#[test]
fn what_a_person_changed_since_is_theirs() {
    let first = bring("", &wanted(&["scheduler"], MOUNT, &[("P", "dev")]), &[]);
    let theirs = text(&first.document).replace(":ro", "").replace("P: dev", "P: other");
    let left = take_out(Document::parse(theirs.as_bytes()).unwrap(), &first.owned).unwrap();
    assert_eq!(text(&left), theirs);
}
