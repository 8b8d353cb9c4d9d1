//! What a bug of this program shows of itself: where it is, and nothing of what was being worked on.
//!
//! In: a panic. Out: a line on stderr without the panic's own words, which may quote a text that holds a secret (a cut
//! through a letter prints the whole text, a failed conversion what could not be converted).

use std::io::{self, Write};
use std::panic;

/// From now on a panic says where it happened and keeps its words to itself.
pub fn conceal_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        // Nobody is left to tell where this fails.
        let _ = writeln!(io::stderr(), "error: panicked at {place}: this is a bug of astro-aws, please report it");
    }));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::conceal_panics;

    /// The hook is the whole process's affair, so the one that gets it is a child.
    const CHILD: &str = "ASTRO_AWS_TEST_CRASH";
    const SECRET: &str = "s3kr1té";

    #[test]
    fn a_panic_says_where_it_happened_and_not_what_it_was_about() {
        if let Ok(way) = std::env::var(CHILD) {
            conceal_panics();
            match way.as_str() {
                "cut" => drop(SECRET[..SECRET.len() - 1].to_owned()),
                "conversion" => drop(SECRET.parse::<u8>().map_err(|_| SECRET).unwrap()),
                _ => panic!("{SECRET}"),
            }
        }
        let this = "report::crash::tests::a_panic_says_where_it_happened_and_not_what_it_was_about";
        for way in ["cut", "conversion", "words"] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            let output = child.args(["--exact", this, "--nocapture"]).env(CHILD, way).output().unwrap();
            let shown = format!("{output:?}");
            assert!(!output.status.success() && shown.contains("error: panicked at src/report/crash.rs:"), "{shown}");
            assert!(!shown.contains("s3kr1t"), "{way}: {shown}");
        }
    }
}
