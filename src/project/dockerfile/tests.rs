//! Proves which base image a Dockerfile names, however it is written.

use super::*;

fn base(text: &str) -> Result<(String, usize), BaseImageError> {
    base_image(text).map(|base| (base.reference, base.line))
}

fn check(cases: &[(&str, &str, usize)]) {
    for (text, reference, line) in cases {
        assert_eq!(base(text), Ok(((*reference).to_owned(), *line)), "{text}");
    }
}

#[test]
fn reads_a_from_in_every_spelling() {
    check(&[
        ("FROM a:1", "a:1", 1),
        ("from a:1\n", "a:1", 1),
        ("  From\ta:1  \n", "a:1", 1),
        ("FROM --platform=linux/amd64 a:1 AS base\n", "a:1", 1),
        ("FROM --platform=$BUILDPLATFORM a:1", "a:1", 1),
        ("# comment\n\n  # FROM x\nFROM a:1\n", "a:1", 4),
        ("FROM a:1\r\nRUN x\r\n", "a:1", 1),
        ("\u{feff}FROM a:1", "a:1", 1),
        ("FROM \"a:1\"", "a:1", 1),
        ("FROM a:1 # not a comment, and no name of a stage", "a:1", 1),
        ("FROM \\\n  a:1 \\\n  AS x", "a:1", 1),
        ("FROM a:1\nFROMAGE b\n", "a:1", 1),
    ]);
}

#[test]
fn the_last_stage_counts_and_leads_back_to_its_image() {
    check(&[
        ("FROM builder:1 AS build\nFROM a:1\nCOPY --from=build /x /x", "a:1", 2),
        ("FROM a:1 AS base\nRUN x\nFROM base", "a:1", 1),
        ("FROM a:1 AS base\nFROM b:1 AS other\nFROM BASE AS final", "a:1", 1),
        ("from a:1 as one\nfrom one as two\nfrom two", "a:1", 1),
        ("ARG S=base\nFROM a:1 AS base\nFROM $S", "a:1", 2),
        // A stage can bear the name of the image it stands on.
        ("FROM a AS a\nFROM a", "a", 1),
        // An unknown variable in a stage that is not built does not matter.
        ("FROM $NOTHING AS tools\nFROM a:1", "a:1", 2),
    ]);
}

#[test]
fn variables_take_their_defaults() {
    check(&[
        ("ARG TAG=3.0-4\nFROM a:$TAG", "a:3.0-4", 2),
        ("ARG TAG=3.0-4\nFROM a:${TAG}-slim", "a:3.0-4-slim", 2),
        ("ARG TAG\nFROM a:${TAG:-3.0-4}", "a:3.0-4", 2),
        ("FROM a:${TAG-3.0-4}", "a:3.0-4", 1),
        ("ARG TAG=\nFROM a:${TAG:-1}${TAG-2}", "a:1", 2),
        ("ARG TAG=x\nFROM a:${TAG:+1}${NONE:+2}${TAG+3}", "a:13", 2),
        ("ARG R=quay.io TAG=\"1\"\nARG IMAGE=${R}/a:${TAG}\nFROM ${IMAGE}", "quay.io/a:1", 3),
        ("arg TAG='1'\nfrom a:$TAG", "a:1", 2),
        ("ARG TAG=1\nFROM ${X:-a:${TAG}}", "a:1", 2),
        ("ARG TAG=1\nFROM b\nARG TAG=2\nFROM a:$TAG", "a:1", 4),
        ("ARG TAG=1 # two\nFROM a:$TAG", "a:1", 2),
        ("ARG A=1 \\\n    B=2\nFROM a:$A.$B", "a:1.2", 3),
    ]);
}

#[test]
fn the_escape_directive_is_obeyed_at_the_top_alone() {
    check(&[
        ("# escape=`\nFROM `\n  a:1", "a:1", 2),
        ("# syntax=docker/dockerfile:1\n# Escape = `\nFROM `\n a:1", "a:1", 3),
        ("# comment\n# escape=`\nFROM \\\n a:1", "a:1", 3),
        ("\n# escape=`\nFROM \\\n a:1", "a:1", 3),
    ]);
}

#[test]
fn what_only_looks_like_a_from_is_left_alone() {
    check(&[
        ("FROM a:1\nRUN psql -c \\\nFROM b:1", "a:1", 1),
        ("FROM a:1\nRUN x \\\n# FROM c\n\nFROM b:1", "a:1", 1),
        ("FROM a:1\nRUN <<EOF\nFROM b:1\nEOF\n", "a:1", 1),
        ("FROM a:1\nRUN python <<-'PY' && x\nFROM b:1\n\t\tPY\n", "a:1", 1),
        ("FROM a:1\nCOPY <<one <<\"two\" /x/\nFROM b\none\nFROM c\ntwo\n", "a:1", 1),
        ("FROM a:1\nRUN <<EOF\nFROM b:1\n EOF\nFROM c", "a:1", 1),
        ("FROM a:1\nONBUILD run <<EOF\nFROM b:1\nEOF\n", "a:1", 1),
        // Neither a here-string nor a quoted text opens anything.
        ("FROM b:1 AS x\nRUN echo \"a <<EOF b\"\nFROM a:1", "a:1", 3),
        ("FROM b:1 AS x\nRUN cat <<< word\nFROM a:1", "a:1", 3),
        ("FROM b:1 AS x\nRUN echo C:\\\\\nFROM a:1", "a:1", 3),
    ]);
}

#[test]
fn what_cannot_be_told_is_said_with_its_line() {
    assert_eq!(base(""), Err(BaseImageError::NoStage));
    assert_eq!(base("RUN x\n# FROM a"), Err(BaseImageError::NoStage));
    assert_eq!(base("\nFROM --platform=x"), Err(BaseImageError::NoImage { line: 2 }));
    for (text, variable) in
        [("ARG TAG\nFROM a:$TAG", "TAG"), ("ARG A=$B\nFROM a:${A}", "A"), ("FROM x\nFROM a:${TAG:?needed}", "TAG")]
    {
        let error = base(text).unwrap_err();
        assert!(
            matches!(&error, BaseImageError::UnknownVariable { line: 2, variable: v, .. } if v == variable),
            "{text}"
        );
    }
    for text in ["ARG T=1\nFROM a:${T%x}", "FROM a\nFROM a:${T", "FROM a\nFROM ${}", "FROM a\nFROM ${T:x}"] {
        assert!(matches!(base(text), Err(BaseImageError::UnknownSubstitution { line: 2, .. })), "{text}");
    }
}

#[test]
fn endless_nesting_is_refused() {
    let text = format!("FROM {}a{}", "${X:-".repeat(100_000), "}".repeat(100_000));
    assert!(matches!(base(&text), Err(BaseImageError::UnknownSubstitution { line: 1, .. })));
}

#[test]
fn odd_text_is_read_without_harm() {
    for text in [
        "FROM $",
        "FROM \\",
        "FROM ${",
        "FROM '",
        "ARG =\nFROM a",
        "ARG\nFROM é$é",
        "# escape=\nFROM a",
        "\\",
        "RUN <<",
    ] {
        let _ = base(text).map_err(|error| assert!(!error.to_string().is_empty(), "{text}"));
    }
    assert_eq!(base("FROM a$"), Ok(("a$".to_owned(), 1)));
}
