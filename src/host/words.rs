//! The words of a command line in a configuration file, told apart without a shell.
//!
//! In: the text of `mfa_process` and the like. Out: program and arguments, as botocore splits them
//! (botocore: compat.py, `compat_shell_split`).

use super::os::Os;

/// The words of a command line; `None` where a quote is not closed.
pub fn words(os: Os, line: &str) -> Option<Vec<String>> {
    if os.is_windows() { of_windows(line) } else { of_posix(line) }
}

/// The rules of Python's `shlex.split`.
fn of_posix(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut characters) = (Vec::new(), None::<String>, line.chars());
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// The rules of Microsoft's C runtime: a backslash means something before a double quote alone.
fn of_windows(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted, mut backslashes) = (Vec::new(), None::<String>, false, 0_usize);
    for character in line.chars() {
        match character {
            '\\' => {
                backslashes += 1;
                continue;
            }
            '"' => {
                let word = word.get_or_insert_default();
                word.push_str(&"\\".repeat(backslashes / 2));
                if backslashes % 2 == 1 { word.push('"') } else { quoted = !quoted }
            }
            other => {
                if backslashes > 0 {
                    word.get_or_insert_default().push_str(&"\\".repeat(backslashes));
                }
                if matches!(other, ' ' | '\t') && !quoted {
                    words.extend(word.take());
                } else {
                    word.get_or_insert_default().push(other);
                }
            }
        }
        backslashes = 0;
    }
    if backslashes > 0 {
        word.get_or_insert_default().push_str(&"\\".repeat(backslashes));
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_as_shlex_does() {
        for (line, expected) in [
            ("/bin/code  --for ana", &["/bin/code", "--for", "ana"][..]),
            ("'/opt/my tools/code' \"a b\" c\\ d", &["/opt/my tools/code", "a b", "c d"]),
            (r#"x "a\"b" "a\b" '' y'z'"#, &["x", "a\"b", "a\\b", "", "yz"]),
            ("", &[]),
            ("$(id) `id` ; id | id > x", &["$(id)", "`id`", ";", "id", "|", "id", ">", "x"]),
        ] {
            assert_eq!(words(Os::Linux, line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_no_command() {
        for line in ["a 'b", "a \"b", "a \\"] {
            assert_eq!(words(Os::Linux, line), None, "{line}");
        }
        assert_eq!(words(Os::Windows, "a \"b"), None);
    }

    #[test]
    fn backslashes_of_windows_paths_stay() {
        let line = r#""C:\Program Files\code.exe" C:\x\ "a\"b" c\\"d e""#;
        let expected = [r"C:\Program Files\code.exe", r"C:\x\", "a\"b", r"c\d e"];
        assert_eq!(words(Os::Windows, line).unwrap(), expected);
    }
}
