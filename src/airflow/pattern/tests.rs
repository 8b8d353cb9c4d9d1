use super::{Pattern, PatternError};

#[test]
fn what_python_takes_and_no_other_engine_can_follow_is_told() {
    for pattern in [r"(?x) a b", r"(?a)\w", r"\N{DIGIT ONE}", r"a(?<=(a))b", r"(?(1)a|b)(c)"] {
        let error = Pattern::parse(pattern).expect_err(pattern);
        assert!(matches!(error, PatternError::Unsupported(_)), "{pattern}: {error}");
    }
}

#[test]
fn a_pattern_that_tries_without_end_matches_nothing() {
    let pattern = Pattern::parse(r"(a+)+(?!a)(\1)+$").unwrap();
    assert!(!pattern.matches(&format!("{}b", "a".repeat(60))));
}
