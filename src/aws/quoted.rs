//! Names of profiles and sso-sessions that the AWS CLI quotes, made readable for the SDK.
//!
//! The AWS CLI writes `[profile 'my dev']` for a name with a blank, and botocore reads it with `shlex`; the Rust SDK
//! ignores such a section. Every line stays where it is, so line numbers in errors remain true: a quoted header gets an
//! alias that the SDK accepts, and so does each `source_profile` or `sso_session` that names it.

use std::collections::BTreeMap;

/// Which of the two shared files a text is; their section headers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `~/.aws/config`: `[profile 'my dev']`, `[sso-session 'my company']`.
    Config,
    /// `~/.aws/credentials`: `[my dev]`.
    Credentials,
}

/// Real name → the name under which the SDK knows it. Empty where every name is one the SDK accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// The name to ask the SDK for.
    pub(super) fn sdk_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// The name a person knows, for a name the SDK gave.
    pub(super) fn real_name<'a>(&'a self, sdk_name: &'a str) -> &'a str {
        self.0.iter().find(|(_, alias)| *alias == sdk_name).map_or(sdk_name, |(real, _)| real)
    }

    fn alias_for(&mut self, name: &str) -> String {
        if is_identifier(name) {
            return name.to_owned();
        }
        let next = format!("astro-aws.quoted.{}", self.0.len() + 1);
        self.0.entry(name.to_owned()).or_insert(next).clone()
    }

    /// The prefix and the name of a header that needs an alias.
    fn header_to_alias(&self, line: &str, kind: FileKind) -> Option<(&'static str, String)> {
        let (prefix, name) = quoted_name(line, kind)?;
        // The specification ignores `[a b]` in `credentials`; it counts where `config` shows that the AWS CLI wrote it.
        (kind == FileKind::Config || self.0.contains_key(&name)).then_some((prefix, name))
    }

    /// The text as the SDK can read it, line for line; `config` has to come first.
    pub(super) fn rewrite(&mut self, text: &str, kind: FileKind) -> String {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Nearly every file has no such header: then the text is taken as it is.
        if !text.lines().any(|line| self.header_to_alias(line, kind).is_some()) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match self.header_to_alias(line, kind) {
                Some((prefix, name)) => {
                    let alias = self.alias_for(&name);
                    out.push_str(&format!("[{prefix}{alias}]"));
                    out.push_str(line_end(line));
                }
                None => out.push_str(line),
            }
        }
        out
    }

    /// Replaces `source_profile = my dev` and `sso_session = my company` by the alias; the names are complete only once both files were rewritten.
    pub(super) fn rewrite_references(&self, text: String) -> String {
        if self.0.is_empty() {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match line.split_once('=') {
                Some((key, value)) if names_a_section(key) => {
                    let name = without_comment(value).trim();
                    out.push_str(key);
                    out.push_str("= ");
                    out.push_str(self.sdk_name(name));
                    out.push_str(line_end(line));
                }
                _ => out.push_str(line),
            }
        }
        out
    }
}

/// Whether `config` has a `[profile …]` of this name that lacks the quotes a name with a blank needs: botocore and every
/// SDK leave it out (botocore: configloader.py, `shlex.split` gives more than two words).
pub(super) fn lacks_quotes(config: &str, name: &str) -> bool {
    let written = |line: &str| {
        let inside = line.trim().strip_prefix("[profile")?.split_once(']')?.0;
        Some(inside.split_whitespace().eq(name.split_whitespace()))
    };
    name.contains([' ', '\t']) && config.lines().any(|line| written(line) == Some(true))
}

/// Whether the value of this key is the name of another section.
pub(super) fn names_a_section(key: &str) -> bool {
    ["source_profile", "sso_session"].iter().any(|known| key.trim().eq_ignore_ascii_case(known))
}

/// A comment behind a value begins at a `#` or `;` with a blank before it (aws-runtime: `env_config/parse.rs`).
fn without_comment(value: &str) -> &str {
    let mut marks = value.match_indices(['#', ';']);
    let comment = marks.find(|(at, _)| value[..*at].ends_with([' ', '\t']));
    comment.map_or(value, |(at, _)| &value[..at])
}

fn line_end(line: &str) -> &str {
    if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    }
}

/// The prefix with its blank, and the name, of a header that the SDK would ignore though botocore reads it.
fn quoted_name(line: &str, kind: FileKind) -> Option<(&'static str, String)> {
    let (inside, rest) = line.strip_prefix('[')?.rsplit_once(']')?;
    if !rest.trim().is_empty() && !rest.trim_start().starts_with(['#', ';']) {
        return None;
    }
    let inside = inside.trim();
    match kind {
        FileKind::Config => ["profile ", "sso-session "].into_iter().find_map(|prefix| {
            let name = inside.strip_prefix(prefix.trim_end())?.strip_prefix([' ', '\t'])?.trim();
            Some((prefix, name_to_alias(name)?.to_owned()))
        }),
        FileKind::Credentials => {
            (inside.contains([' ', '\t']) && !inside.starts_with("profile ")).then(|| ("", inside.to_owned()))
        }
    }
}

fn name_to_alias(name: &str) -> Option<&str> {
    // The SDK takes ASCII alone, botocore any letter.
    if !name.is_ascii() && name.chars().all(|c| c.is_alphanumeric() || is_identifier_char(c)) {
        return Some(name);
    }
    let quote = name.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let name = name.strip_prefix(quote)?.strip_suffix(quote)?;
    (!name.is_empty() && !name.contains(quote)).then_some(name)
}

/// The characters the SDK accepts in a name (aws-runtime: `env_config/normalize.rs`, `validate_identifier`).
fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_identifier_char)
}

fn is_identifier_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '%' | '@' | ':' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_quoted_names_stay_as_they_are() {
        let text = "[default]\r\nregion = eu-west-1\r\n[profile dev]\r\nsource_profile = default\r\n";
        let mut aliases = Aliases::default();
        assert_eq!(aliases.rewrite(text, FileKind::Config), text);
        assert_eq!(aliases, Aliases::default());
    }

    #[test]
    fn a_quoted_name_is_aliased_in_headers_and_references() {
        let mut aliases = Aliases::default();
        let config =
            aliases.rewrite("[profile 'my dev']\nregion = x\n[profile b]\nsource_profile = my dev\n", FileKind::Config);
        let credentials = aliases.rewrite("[my dev]\naws_access_key_id = A\n", FileKind::Credentials);
        let config = aliases.rewrite_references(config);
        assert_eq!(
            config,
            "[profile astro-aws.quoted.1]\nregion = x\n[profile b]\nsource_profile = astro-aws.quoted.1\n"
        );
        assert_eq!(credentials, "[astro-aws.quoted.1]\naws_access_key_id = A\n");
        assert_eq!(aliases.sdk_name("my dev"), "astro-aws.quoted.1");
        assert_eq!(aliases.real_name("astro-aws.quoted.1"), "my dev");
    }

    #[test]
    fn a_quoted_sso_session_is_aliased_in_headers_and_references() {
        let mut aliases = Aliases::default();
        let config = aliases.rewrite("[profile b]\nsso_session = my corp\n[sso-session 'my corp']\n", FileKind::Config);
        assert_eq!(
            aliases.rewrite_references(config),
            "[profile b]\nsso_session = astro-aws.quoted.1\n[sso-session astro-aws.quoted.1]\n"
        );
        assert_eq!(aliases.real_name("astro-aws.quoted.1"), "my corp");
    }

    #[test]
    fn a_comment_behind_a_reference_is_no_part_of_the_name() {
        let mut aliases = Aliases::default();
        let config =
            aliases.rewrite("[profile 'my dev']\n[profile b]\nsource_profile = my dev # mine\n", FileKind::Config);
        assert_eq!(
            aliases.rewrite_references(config),
            "[profile astro-aws.quoted.1]\n[profile b]\nsource_profile = astro-aws.quoted.1\n"
        );
    }

    #[test]
    fn a_blank_in_a_credentials_header_counts_only_beside_its_quoted_twin() {
        let text = "[my dev]\naws_access_key_id = A\n";
        assert_eq!(Aliases::default().rewrite(text, FileKind::Credentials), text);
    }

    #[test]
    fn comments_behind_a_header_and_letters_beyond_ascii_are_understood() {
        let mut aliases = Aliases::default();
        let text = "[profile 'my dev'] # mine\n[profile b\u{fc}ro]\n[profile foo!bar]\n";
        assert_eq!(
            aliases.rewrite(text, FileKind::Config),
            "[profile astro-aws.quoted.1]\n[profile astro-aws.quoted.2]\n[profile foo!bar]\n"
        );
        assert_eq!(aliases.sdk_name("b\u{fc}ro"), "astro-aws.quoted.2");
    }

    #[test]
    fn a_needlessly_quoted_name_loses_its_quotes() {
        let mut aliases = Aliases::default();
        assert_eq!(aliases.rewrite("[profile \"dev\"]\n", FileKind::Config), "[profile dev]\n");
    }
}
