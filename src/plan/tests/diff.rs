//! Proves what a diff shows, and that it shows no secret.

use super::*;

fn change(before: Option<&str>, after: Option<&str>) -> Change {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Change::new("/p/file", before.map(bytes), after.map(bytes))
}

fn shown(change: Change) -> String {
    let files = diff(&Plan { changes: vec![change] });
    let lines = files.iter().flat_map(|file| &file.lines);
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_plain_change_is_a_unified_diff_with_context() {
    let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\nten";
    let wanted = "--- /p/file\n+++ /p/file\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n+ten\n";
    assert_eq!(shown(change(Some(before), Some(after))), wanted);
}

#[test]
fn created_and_removed_files_name_dev_null() {
    assert_eq!(shown(change(None, Some("a\n"))), "--- /dev/null\n+++ /p/file\n@@ -0,0 +1,1 @@\n+a\n");
    assert_eq!(shown(change(Some("a\n"), None)), "--- /p/file\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
}

#[test]
fn unchanged_files_are_left_out() {
    let plan = Plan { changes: vec![change(Some("a"), Some("a")), change(None, None)] };
    assert!(plan.is_empty());
    assert_eq!(diff(&plan), []);
    assert!(!Plan { changes: vec![change(None, Some(""))] }.is_empty());
}

#[test]
fn a_secret_shows_nothing_but_its_header() {
    for (before, after) in [(None, Some("hunter2")), (Some("hunter2"), Some("hunter3")), (Some("hunter2"), None)] {
        let text = shown(change(before, after).with_secrecy(Secrecy::Secret));
        assert!(text.ends_with(" (redacted)\n") && !text.contains("hunter"), "{text}");
    }
}

#[test]
fn neighbours_on_the_very_line_are_not_shown() {
    let before = "{\"services\": {\"a\": {\"environment\": {\"P\": \"hunter2\"}}, \"z\": {\"k\": \"hunter3\"}}}\n";
    let after = before.replace("\"hunter2\"}", "\"hunter2\", \"Q\": \"ours\"}");
    for (before, after, sign) in [(before, after.as_str(), "+"), (after.as_str(), before, "-")] {
        let text = shown(change(Some(before), Some(after)).with_secrecy(Secrecy::Neighbours));
        assert!(!text.contains("hunter"), "{text}");
        assert!(text.contains(&format!("{sign}…, \"Q\": \"ours\"…")), "{text}");
    }
}

#[test]
fn neighbours_of_changed_lines_are_not_shown() {
    for before in ["A=hunter2\nB=hunter3", "A=hunter2\r\nB=hunter3\r\n", "A=hunter2\nKEY=old\nB=hunter3\n"] {
        let after = before.replace("KEY=old\n", "") + "\nKEY=new\n";
        let text = shown(change(Some(before), Some(&after)).with_secrecy(Secrecy::Neighbours));
        assert!(text.contains("+KEY=new\n") && !text.contains("hunter"), "{text}");
    }
    let text = shown(change(Some("A=hunter2\n"), None).with_secrecy(Secrecy::Neighbours));
    let wanted = " (the whole file goes; not shown, since other lines may hold secrets)\n";
    assert!(text.ends_with(wanted) && !text.contains("hunter"), "{text}");
}

#[test]
fn a_file_cannot_steer_the_terminal() {
    assert!(shown(change(None, Some("a\u{1b}[2Jb\tc\n"))).ends_with("+a\\u{1b}[2Jb\tc\n"));
}

#[test]
fn debug_of_a_change_shows_no_bytes() {
    for secrecy in [Secrecy::Plain, Secrecy::Neighbours, Secrecy::Secret] {
        let text = format!("{:?}", change(Some("hunter2"), Some("hunter3")).with_secrecy(secrecy));
        assert!(text.contains("(redacted)") && !text.contains("hunter") && !text.contains("104, 117"), "{text}");
    }
}
