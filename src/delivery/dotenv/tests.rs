//! `.env`: what is brought in, found again, kept and taken out.

use super::*;

fn wanted(lines: &[(&str, &str)]) -> Wanted {
    Wanted { dotenv: lines.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), ..Wanted::default() }
}

fn bring(text: &str, wanted: &Wanted, owned: &[Owned], on_conflict: OnConflict) -> Edited {
    bring_to(Some(text.as_bytes()), wanted, owned, on_conflict).unwrap()
}

fn text(edited: &Edited) -> String {
    String::from_utf8(edited.bytes.clone()).unwrap()
}

#[test]
fn lines_come_once_and_go_again() {
    let wanted_lines = wanted(&[("A", "1"), ("B", "2")]);
    let first = bring("X=0\n", &wanted_lines, &[], OnConflict::Keep);
    assert_eq!(text(&first), "X=0\nA=1\nB=2\n");
    let second = bring(&text(&first), &wanted_lines, &first.owned, OnConflict::Keep);
    assert_eq!((text(&second), second.owned.clone()), (text(&first), first.owned));
    let gone = bring(&text(&second), &wanted(&[]), &second.owned, OnConflict::Keep);
    assert_eq!((text(&gone).as_str(), gone.owned.len()), ("X=0\n", 0));
}

#[test]
fn a_line_of_a_person_with_the_same_value_stays_theirs() {
    let edited = bring("A=1\n", &wanted(&[("A", "1")]), &[], OnConflict::Keep);
    assert_eq!((text(&edited).as_str(), edited.owned.len()), ("A=1\n", 0));
}

#[test]
fn a_line_of_a_person_with_another_value_is_a_conflict() {
    let kept = bring("A=own\n", &wanted(&[("A", "1")]), &[], OnConflict::Keep);
    assert_eq!(text(&kept), "A=own\n");
    assert_eq!((kept.conflicts[0].line, kept.conflicts[0].present.as_str()), (Some(1), "own"));
    let replaced = bring("A=own\n", &wanted(&[("A", "1")]), &[], OnConflict::Replace);
    assert_eq!(text(&replaced), "A=1\n");
    assert_eq!(take_out(&replaced.bytes, &replaced.owned).unwrap(), b"A=own\n");
}

#[test]
fn our_own_line_follows_a_new_value() {
    let first = bring("", &wanted(&[("A", "1")]), &[], OnConflict::Keep);
    let second = bring(&text(&first), &wanted(&[("A", "2")]), &first.owned, OnConflict::Keep);
    assert_eq!((text(&second).as_str(), second.conflicts.len()), ("A=2\n", 0));
}

#[test]
fn keys_and_profile_names_that_get_in_the_way_are_found_with_their_line() {
    let file = b"X=1\nAWS_ACCESS_KEY_ID=AKIA\nAWS_PROFILE=dev\nAWS_SECRET_ACCESS_KEY=\n";
    assert_eq!(
        obstacles(file, &[]).unwrap(),
        [
            Obstacle::StaticKey { key: "AWS_ACCESS_KEY_ID", line: 2 },
            Obstacle::ProfileName { key: "AWS_PROFILE", line: 3 }
        ]
    );
    let ours = Owned::Dotenv { key: "AWS_PROFILE".to_owned(), value: "dev".to_owned(), previous: None };
    assert_eq!(obstacles(file, &[ours]).unwrap().len(), 1);
}

#[test]
fn paths_of_a_container_are_found_with_their_line() {
    let file =
        b"X=1\nAWS_CONFIG_FILE=/home/astro/.aws/config\nAWS_SHARED_CREDENTIALS_FILE=/home/ana/.aws/credentials\n";
    assert_eq!(container_paths(file).unwrap(), [("AWS_CONFIG_FILE", 2)]);
}

#[test]
fn a_line_that_shall_not_be_there_goes_and_comes_back() {
    let wanted_gone = Wanted { dotenv_gone: vec!["B".to_owned()], ..Wanted::default() };
    let gone = bring("A=1\nB='x y' # c\nC=3\n", &wanted_gone, &[], OnConflict::Keep);
    assert_eq!(text(&gone), "A=1\nC=3\n");
    assert_eq!(gone.owned, [Owned::DotenvGone { key: "B".to_owned(), previous: "'x y'".to_owned() }]);
    let again = bring(&text(&gone), &wanted_gone, &gone.owned, OnConflict::Keep);
    assert_eq!((text(&again), &again.owned), (text(&gone), &gone.owned));
    assert_eq!(take_out(&again.bytes, &again.owned).unwrap(), b"A=1\nC=3\nB='x y'\n");
    // Wanted again, it is ours, and the person's value is what it replaced.
    let ours = bring(&text(&gone), &wanted(&[("B", "2")]), &gone.owned, OnConflict::Replace);
    assert_eq!(take_out(&ours.bytes, &ours.owned).unwrap(), b"A=1\nC=3\nB='x y'\n");
}

#[test]
fn a_line_of_ours_that_shall_not_be_there_leaves_no_trace() {
    let ours = bring("A=1\n", &wanted(&[("B", "2")]), &[], OnConflict::Keep);
    let gone = Wanted { dotenv_gone: vec!["B".to_owned()], ..Wanted::default() };
    let gone = bring(&text(&ours), &gone, &ours.owned, OnConflict::Keep);
    assert_eq!((text(&gone).as_str(), gone.owned.len()), ("A=1\n", 0));
}
