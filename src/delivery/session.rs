//! The session folder: one profile, its settings, and its short-lived credentials, in the form every AWS SDK reads.
//!
//! A profile and its resolved credentials come in, the texts of three files go out. In the container the profile keeps
//! its name and gets its credentials with `cat`, which botocore reads again by itself when less than 15 minutes are left.

use std::fmt::Write as _;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::json;

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::project::services::CONTAINER_AWS_FOLDER;

/// The shared config file inside the folder.
pub const CONFIG: &str = "config";
/// The shared credentials file inside the folder: empty, so that nothing outranks the config.
pub const CREDENTIALS: &str = "credentials";
/// What `credential_process` prints.
pub const CREDENTIALS_JSON: &str = "credentials.json";

/// The text of [`CONFIG`] for a profile; `region` is what a person asked for, else the profile's own serves.
pub fn config_text(profile: &Profile, region: Option<&str>) -> String {
    let mut text =
        String::from("# Written by astro-aws, and written anew by `astro-aws refresh`: edits here are lost.\n");
    let _ = writeln!(text, "[{}]", section_name(&profile.name));
    let _ = writeln!(text, "credential_process = cat {CONTAINER_AWS_FOLDER}/{CREDENTIALS_JSON}");
    if let Some(region) = region {
        let _ = writeln!(text, "region = {region}");
    }
    for (key, value) in profile.settings.iter().filter(|(key, _)| key != "region" || region.is_none()) {
        // A nested block such as `s3 =` comes as its lines, joined by line breaks.
        let _ = writeln!(text, "{key} = {}", value.replace('\n', "\n  "));
    }
    if let Some((name, lines)) = &profile.services {
        let _ = writeln!(text, "\n[services {name}]");
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// The text of [`CREDENTIALS_JSON`]: the output of a `credential_process`, version 1 (AWS SDKs and Tools Reference Guide,
/// "Process credential provider"). `Expiration` is left out for static keys: then they are never read again.
pub fn credentials_json(credentials: &Credentials) -> String {
    let mut document = json!({
        "Version": 1,
        "AccessKeyId": credentials.access_key_id(),
        "SecretAccessKey": credentials.secret_access_key(),
    });
    if let Some(token) = credentials.session_token() {
        document["SessionToken"] = token.into();
    }
    if let Some(expiry) = credentials.expiry() {
        document["Expiration"] = rfc3339(expiry).into();
    }
    format!("{document:#}\n")
}

/// The credentials of a [`CREDENTIALS_JSON`]; `None` where the text is not one.
pub fn credentials_of(credentials_json: &[u8]) -> Option<Credentials> {
    let document: serde_json::Value = serde_json::from_slice(credentials_json).ok()?;
    let field = |name: &str| document.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let expiry = field("Expiration").as_deref().and_then(parse_rfc3339);
    Some(Credentials::new(field("AccessKeyId")?, field("SecretAccessKey")?, field("SessionToken"), expiry, "session"))
}

/// A time written as RFC 3339.
pub fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    DateTime::from_str(text, Format::DateTime).ok()?.try_into().ok()
}

/// A time as RFC 3339 in UTC, to the second.
pub fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    time.fmt(Format::DateTime).unwrap_or_default()
}

/// `default`, `profile dev`, or `profile 'my dev'`, which botocore reads with `shlex`.
fn section_name(profile: &str) -> String {
    if profile == "default" {
        return profile.to_owned();
    }
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '%' | '@' | ':' | '+');
    if profile.chars().all(is_plain) {
        format!("profile {profile}")
    } else if profile.contains('\'') {
        format!("profile \"{profile}\"")
    } else {
        format!("profile '{profile}'")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::aws::profile::ProfileSet;

    fn profile(config: &str, name: &str) -> Profile {
        let set = ProfileSet::parse((Path::new("config"), config), (Path::new("credentials"), "")).unwrap();
        set.profile(name).unwrap()
    }

    const DEV: &str = "[profile dev]\nregion = eu-west-1\noutput = json\ncredential_process = /usr/bin/secret-tool\n\
                       endpoint_url = http://aws.test\nservices = local\ns3 =\n  addressing_style = path\n  max_queue_size = 5\n\
                       [services local]\nsts =\n  endpoint_url = http://sts.test\n";

    #[test]
    fn settings_survive_and_the_way_to_the_credentials_does_not() {
        assert_eq!(
            config_text(&profile(DEV, "dev"), None),
            "# Written by astro-aws, and written anew by `astro-aws refresh`: edits here are lost.\n\
             [profile dev]\n\
             credential_process = cat /home/astro/.aws/credentials.json\n\
             region = eu-west-1\n\
             output = json\n\
             endpoint_url = http://aws.test\n\
             s3 = \n  addressing_style = path\n  max_queue_size = 5\n\
             services = local\n\
             \n\
             [services local]\nsts =\n  endpoint_url = http://sts.test\n"
        );
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_settings() {
        let original = profile(DEV, "dev");
        let written = profile(&config_text(&original, None), "dev");
        assert_eq!(written.settings, original.settings);
        assert_eq!(written.services, original.services);
        assert_eq!(written.chain.kind(), "credential-process");
    }

    #[test]
    fn an_asked_region_takes_the_place_of_the_profile_s() {
        let text = config_text(&profile(DEV, "dev"), Some("us-east-2"));
        assert!(text.contains("region = us-east-2\n") && !text.contains("eu-west-1"), "{text}");
    }

    #[test]
    fn the_profile_keeps_its_name() {
        assert_eq!(section_name("default"), "default");
        assert_eq!(section_name("dev"), "profile dev");
        assert_eq!(section_name("my dev"), "profile 'my dev'");
        assert_eq!(section_name("it's"), "profile \"it's\"");
    }

    #[test]
    fn credentials_are_the_output_of_a_credential_process() {
        let expiry = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let credentials = Credentials::new("AKIA", "secret", Some("token".to_owned()), Some(expiry), "test");
        let text = credentials_json(&credentials);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            document,
            json!({"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "secret", "SessionToken": "token", "Expiration": "2027-01-15T08:00:00Z"})
        );
        assert_eq!(credentials_of(text.as_bytes()).unwrap().expiry(), Some(expiry));
    }

    #[test]
    fn static_keys_have_neither_token_nor_expiration() {
        let text = credentials_json(&Credentials::new("AKIA", "secret", None, None, "test"));
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document, json!({"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "secret"}));
        assert_eq!(credentials_of(text.as_bytes()).unwrap().expiry(), None);
        assert!(credentials_of(b"not one").is_none());
    }
}
