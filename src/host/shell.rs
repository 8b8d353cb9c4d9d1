//! A command line as a person can paste it: which shell is in use, and how it wants its words quoted.
//!
//! The environment comes in, a [`Shell`] goes out; words come in, one line goes out. Nothing is run here.

use super::os::{Env, Os};

/// A shell, as far as quoting differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// sh, bash, zsh and their like.
    Posix,
    /// PowerShell 7.3 and newer, which hands a program its arguments as they are.
    PowerShell,
    /// Windows PowerShell 5.1 and PowerShell before 7.3, which lose the double quotes inside of an argument
    /// (about_Parsing, "Passing quoted strings to external commands").
    WindowsPowerShell,
}

impl Shell {
    /// The shell in use.
    ///
    /// Elsewhere than on Windows only PowerShell sets `PSModulePath`. On Windows every program has it, with the folders
    /// of the machine; PowerShell puts those of its user before them, and PowerShell 7 sets
    /// `POWERSHELL_DISTRIBUTION_CHANNEL` too. Git Bash and MSYS set `SHELL`. For cmd.exe, which cannot say these words
    /// safely, it is the PowerShell that every Windows has.
    pub fn in_use(os: Os, env: &Env) -> Self {
        let modules = env.get("PSModulePath");
        if !os.is_windows() {
            return if modules.is_some() { Self::PowerShell } else { Self::Posix };
        }
        if env.get("SHELL").is_some() || env.get("MSYSTEM").is_some() {
            return Self::Posix;
        }
        let is_of_seven = |folder: &str| folder.replace('/', "\\").to_ascii_lowercase().contains("\\powershell\\");
        let is_seven = modules.is_some_and(|modules| modules.split(';').any(is_of_seven));
        match env.get("POWERSHELL_DISTRIBUTION_CHANNEL") {
            None if !is_seven => Self::WindowsPowerShell,
            _ => Self::PowerShell,
        }
    }

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Posix => "sh",
            Self::PowerShell => "powershell",
            Self::WindowsPowerShell => "windows-powershell",
        }
    }

    /// A command line: the program, then its arguments.
    pub fn line<'a>(self, words: impl IntoIterator<Item = &'a str>) -> String {
        let words: Vec<_> = words.into_iter().map(|word| self.word(word)).collect();
        let line = words.join(" ");
        // To PowerShell a quoted text at the beginning is a text, not a program.
        match self {
            Self::PowerShell | Self::WindowsPowerShell if line.starts_with('\'') => format!("& {line}"),
            _ => line,
        }
    }

    /// A word as the shell takes it.
    pub fn word(self, text: &str) -> String {
        match self {
            Self::Posix => posix(text),
            Self::PowerShell => powershell(text),
            Self::WindowsPowerShell => powershell(&for_c_runtime(text)),
        }
    }
}

fn posix(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:+%,=".contains(c);
    // Before the program's name, `A=b` is an assignment; `=b` is a program's path to zsh.
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('=') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn powershell(text: &str) -> String {
    // After a dash, PowerShell takes `-a.b` and `-a:b` apart.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let is_word = |text: &str| text.chars().all(is_plain) && text.starts_with(|c: char| !c.is_ascii_digit());
    if is_word(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("'");
    for c in text.chars() {
        // Typographic quotes end a text as the plain one does (PowerShell: CharTraits.cs, IsSingleQuote).
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// The text with double quotes, and the backslashes before them, escaped as Microsoft's C runtime reads them back:
/// Windows PowerShell puts its arguments into one line without doing so.
fn for_c_runtime(text: &str) -> String {
    if text.is_empty() {
        // An empty argument would get lost.
        return "\"\"".to_owned();
    }
    let mut escaped = String::new();
    let mut backslashes = 0;
    for c in text.chars() {
        if c == '"' {
            escaped.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests;
