//! Answers to questions: given as an option, else asked for on a terminal, else missed by the option's name.

use crate::aws::shared_files::{SharedFile, with_profile, with_sso_session};
use crate::commands::App;
use crate::report::prompt::Check;
use crate::report::{Error, Kind, prompt};

/// Where IAM Identity Center is (botocore: data/endpoints.json, `oidc`).
pub(in crate::commands) const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// What the AWS CLI prints its results as.
pub(super) const OUTPUTS: &[&str] = &["json", "text", "table", "yaml", "yaml-stream", "off"];

/// A line that has to be known.
pub(super) struct Asked<'a> {
    /// The option that answers.
    pub(super) option: &'static str,
    /// The question on a terminal.
    pub(super) question: &'a str,
    /// What Enter takes.
    pub(super) default: Option<&'a str>,
    /// What Tab completes to.
    pub(super) suggestions: &'a [&'a str],
    /// What an answer has to be.
    pub(super) check: Check,
}

/// The answer: the option's value, else what is typed, else, without a terminal, the default.
///
/// # Errors
/// [`Kind::Usage`] for a value that will not do and for a missing one, naming the option.
pub(super) fn answer(app: &App, given: Option<&str>, asked: &Asked<'_>) -> Result<String, Error> {
    let Asked { option, question, default, suggestions, check } = asked;
    match given {
        Some(given) => match check(given.trim()) {
            Ok(()) => Ok(given.trim().to_owned()),
            // Not what was given: it may be a secret in the place of another answer.
            Err(reason) => Err(Error::new(Kind::Usage, format!("`{option}`: {reason}"))),
        },
        None if app.may_ask() => prompt::text(question, *default, suggestions, *check),
        None => default.map(str::to_owned).ok_or_else(|| missing(app, option)),
    }
}

/// The answer that nobody gave.
pub(super) fn missing(app: &App, option: &str) -> Error {
    Error::new(Kind::Usage, format!("`{option}` is missing, and {}", app.why_not_asked()))
        .hint(format!("give `{option}`, or run the command in a terminal"))
}

/// The region and the output format that the profile is to have; `None` keeps what is there.
///
/// # Errors
/// [`Kind::Usage`] for a value that will not do; [`Kind::Interrupted`].
pub(super) fn defaults(
    app: &App,
    output: Option<&str>,
    [region_now, output_now]: [Option<&str>; 2],
) -> Result<[Option<String>; 2], Error> {
    let region = match &app.global.region {
        None if !app.may_ask() => None,
        given => {
            let question = match region_now {
                Some(_) => "Default region of the profile:",
                None => "Default region of the profile (Enter for none):",
            };
            let asked = Asked {
                option: "--region",
                question,
                default: region_now,
                suggestions: REGIONS,
                check: region_or_none,
            };
            Some(answer(app, given.as_deref(), &asked)?).filter(|region| !region.is_empty())
        }
    };
    let output = match output {
        Some(given) if OUTPUTS.contains(&given) => Some(given.to_owned()),
        Some(given) => {
            let message = format!("`--cli-output {given}`: it is one of {}", OUTPUTS.join(", "));
            return Err(Error::new(Kind::Usage, message));
        }
        None if app.may_ask() => {
            let start = OUTPUTS.iter().position(|known| Some(*known) == output_now).unwrap_or(0);
            let choices = OUTPUTS.iter().map(|&known| known.to_owned()).collect();
            let chosen = OUTPUTS[prompt::select_from("Output of the AWS CLI:", choices, start)?];
            // What is the AWS CLI's own default needs no line.
            (chosen != "json" || output_now.is_some()).then(|| chosen.to_owned())
        }
        None => None,
    };
    Ok([region, output])
}

/// A region as AWS names them: `eu-west-1`, `us-gov-east-1`.
pub(in crate::commands) fn region(text: &str) -> Result<(), String> {
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let words: Vec<_> = text.split('-').collect();
    let is_numbered = words.last().is_some_and(|last| last.parse::<u8>().is_ok());
    let is_region = words.len() >= 3 && words.iter().all(is_word) && is_numbered;
    if is_region { Ok(()) } else { Err("a region reads like eu-west-1".to_owned()) }
}

fn region_or_none(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { region(text) }
}

/// A start URL.
pub(super) fn start_url(text: &str) -> Result<(), String> {
    let is_url = url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    if is_url { Ok(()) } else { Err("a start URL reads like https://d-1234567890.awsapps.com/start".to_owned()) }
}

/// Scopes, separated by commas.
pub(super) fn scopes(text: &str) -> Result<(), String> {
    let is_scope = |scope: &str| !scope.trim().is_empty() && !scope.trim().contains(char::is_whitespace);
    if text.split(',').all(is_scope) { Ok(()) } else { Err("scopes are separated by commas".to_owned()) }
}

/// A name that every AWS tool reads back from a `[profile …]`.
pub(super) fn profile_name(text: &str) -> Result<(), String> {
    let tried = with_profile(None, SharedFile::Config, text, &[("region", "eu-west-1")]);
    tried.map(drop).map_err(|refusal| refusal.reason.to_string())
}

/// A name that every AWS tool reads back from an `[sso-session …]`.
pub(super) fn session_name(text: &str) -> Result<(), String> {
    let tried = with_sso_session(None, text, &[("sso_region", "eu-west-1")]);
    tried.map(drop).map_err(|refusal| refusal.reason.to_string())
}

/// An access key id.
pub(super) fn access_key_id(text: &str) -> Result<(), String> {
    let is_id = (16..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_id { Ok(()) } else { Err("an access key id reads like AKIAIOSFODNN7EXAMPLE".to_owned()) }
}

/// A secret access key, or a session token. Says nothing of what was typed.
pub(super) fn secret(text: &str) -> Result<(), String> {
    let is_secret = text.len() >= 16 && text.chars().all(|c| c.is_ascii_graphic());
    if is_secret { Ok(()) } else { Err("that is too short, or has blanks in it".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_reads_like_one() {
        for known in REGIONS {
            assert_eq!(region(known), Ok(()), "{known}");
        }
        for wrong in ["", "eu", "eu-west", "EU-west-1", "eu west 1", "eu-west-1a", "eu--1", "europe"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_start_url_is_https_and_has_a_host() {
        for right in ["https://d-1234567890.awsapps.com/start", "https://start.us-gov-home.awsapps.com/directory/x"] {
            assert_eq!(start_url(right), Ok(()), "{right}");
        }
        for wrong in ["", "d-1234567890.awsapps.com/start", "http://d-1.awsapps.com/start", "https://", "javascript:1"]
        {
            assert!(start_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_with_a_blank_is_one_and_a_line_break_is_none() {
        assert_eq!(profile_name("my dev"), Ok(()));
        assert_eq!(session_name("company"), Ok(()));
        for wrong in ["", "a]b", "a\nb"] {
            assert!(profile_name(wrong).is_err(), "{wrong:?}");
            assert!(session_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
