use super::*;
use crate::host::words::words;

/// What commands are made of, and what is hard to quote.
const WORDS: [&str; 24] = [
    "astro",
    "deployment",
    "--deployment-id",
    "clx1abc",
    "--secret",
    "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    r#"AIRFLOW__SECRETS__BACKEND_KWARGS={"connections_prefix":"airflow/connections","role_arn":"arn:aws:iam::111122223333:role/airflow"}"#,
    r#"K={"connections_lookup_pattern": "^\\d+\u0024", "sep": "/"}"#,
    r#"a\"b"#,
    r#"a\\"b c"#,
    "it's",
    "two  blanks",
    "$HOME `id` $(id) ${x}",
    "!history",
    "a;b|c&d>e<f",
    "*?[a]~",
    "~/x",
    "#comment",
    "%PATH%",
    "ünïcödé ‘quoted’",
    "@splat",
    "=x",
    "-a.b:c",
    "0x10",
];

#[test]
#[cfg(unix)]
fn sh_reads_back_every_word() {
    for extra in ["", "a\nb", "'", "'''", "\\", "\"", "tab\tbed"].into_iter().chain(WORDS) {
        let line = Shell::Posix.line(["printf", "%s", extra]);
        let output = std::process::Command::new("/bin/sh").args(["-c", &line]).output().unwrap();
        assert!(output.status.success(), "{line}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), extra, "{line}");
    }
}

#[test]
#[cfg(unix)]
fn sh_reads_back_a_whole_line() {
    let all: Vec<_> = ["printf", "[%s]\n"].into_iter().chain(WORDS).collect();
    let output = std::process::Command::new("/bin/sh").args(["-c", &Shell::Posix.line(all)]).output().unwrap();
    let expected: String = WORDS.iter().map(|word| format!("[{word}]\n")).collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn a_program_with_a_blank_is_called_and_not_printed() {
    assert_eq!(
        Shell::PowerShell.line(["C:\\Program Files\\astro.exe", "version"]),
        "& 'C:\\Program Files\\astro.exe' version"
    );
    assert_eq!(Shell::Posix.line(["/opt/my tools/astro", "version"]), "'/opt/my tools/astro' version");
}

/// The words of a line as PowerShell's tokenizer has them (about_Quoting_Rules): barewords, and texts in single quotes
/// in which a doubled quote is one.
fn tokens(line: &str) -> Vec<String> {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    let (mut found, mut rest) = (Vec::new(), line.chars().peekable());
    while let Some(first) = rest.next() {
        if first == ' ' {
            continue;
        }
        let mut word = String::new();
        if is_quote(first) {
            loop {
                match rest.next().unwrap() {
                    quote if is_quote(quote) => match rest.next_if(|next| is_quote(*next)) {
                        Some(second) => word.push(second),
                        None => break,
                    },
                    other => word.push(other),
                }
            }
        } else {
            word.push(first);
            while let Some(next) = rest.next_if(|next| *next != ' ') {
                word.push(next);
            }
        }
        found.push(word);
    }
    found
}

/// The command line that Windows PowerShell makes of its tokens (PowerShell: NativeCommandParameterBinder.cs): words
/// with a blank outside of double quotes are put into such, and nothing is escaped.
fn legacy_command_line(tokens: &[String]) -> String {
    let needs_quotes = |word: &str| {
        let (mut quotes, mut after_backslash) = (0, false);
        word.chars().any(|c| {
            quotes += usize::from(c == '"' && !after_backslash);
            after_backslash = c == '\\';
            c.is_whitespace() && quotes % 2 == 0
        })
    };
    let quoted = |word: &String| if needs_quotes(word) { format!("\"{word}\"") } else { word.clone() };
    tokens.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[test]
fn powershell_has_every_word_as_one_token() {
    let line = Shell::PowerShell.line(WORDS);
    assert_eq!(tokens(&line), WORDS, "{line}");
}

#[test]
fn a_program_gets_every_word_from_windows_powershell() {
    let line = Shell::WindowsPowerShell.line(WORDS);
    let given = legacy_command_line(&tokens(&line));
    assert_eq!(words(Os::Windows, &given).unwrap(), WORDS, "{given}");
}

#[test]
fn json_is_quoted_as_each_shell_wants_it() {
    let word = r#"K={"a":"b"}"#;
    let [posix, seven, five] =
        [Shell::Posix, Shell::PowerShell, Shell::WindowsPowerShell].map(|shell| shell.word(word));
    assert_eq!(posix, r#"'K={"a":"b"}'"#);
    assert_eq!(seven, r#"'K={"a":"b"}'"#);
    assert_eq!(five, r#"'K={\"a\":\"b\"}'"#);
}

#[test]
fn the_shell_in_use_is_told_by_the_environment() {
    let machine = r"C:\Program Files\WindowsPowerShell\Modules;C:\WINDOWS\system32\WindowsPowerShell\v1.0\Modules";
    let seven = format!(r"C:\Users\ana\Documents\PowerShell\Modules;C:\Program Files\PowerShell\Modules;{machine}");
    let five = format!(r"C:\Users\ana\Documents\WindowsPowerShell\Modules;{machine}");
    for (os, variables, expected) in [
        (Os::Linux, vec![("SHELL", "/bin/bash")], Shell::Posix),
        (Os::MacOs, vec![("SHELL", "/bin/zsh")], Shell::Posix),
        (Os::Wsl, vec![], Shell::Posix),
        (
            Os::Linux,
            vec![("SHELL", "/bin/bash"), ("PSModulePath", "/opt/microsoft/powershell/7/Modules")],
            Shell::PowerShell,
        ),
        (Os::Windows, vec![("PSModulePath", &seven)], Shell::PowerShell),
        (
            Os::Windows,
            vec![("POWERSHELL_DISTRIBUTION_CHANNEL", "MSI:Windows 11"), ("PSModulePath", machine)],
            Shell::PowerShell,
        ),
        (Os::Windows, vec![("psmodulepath", &five)], Shell::WindowsPowerShell),
        (Os::Windows, vec![("PSModulePath", machine), ("PROMPT", "$P$G")], Shell::WindowsPowerShell),
        (Os::Windows, vec![("SHELL", "/usr/bin/bash"), ("PSModulePath", machine)], Shell::Posix),
        (Os::Windows, vec![("MSYSTEM", "MINGW64")], Shell::Posix),
        (Os::Windows, vec![], Shell::WindowsPowerShell),
    ] {
        assert_eq!(Shell::in_use(os, &Env::new(os, variables.clone())), expected, "{os:?} {variables:?}");
    }
}
