//! `credential_process`: a program of the host that prints credentials.
//!
//! The profile that has it comes in, the program's credentials go out. Its own words stay here: they may hold a secret.

use std::collections::BTreeMap;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::aws::profile::ProfileSet;

use super::{Credentials, CredentialsFailure};

/// A credential_process may ask a password manager or a hardware key; longer than this is a hang.
const LIMIT: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes: a real one has about 2,000.
const MAX_BYTES: u64 = 256 * 1024;

/// Runs the `credential_process` of a profile, in a shell as the AWS SDKs do; one that does not end is ended.
///
/// # Errors
/// [`CredentialsFailure::Useless`] after 60 s, [`CredentialsFailure::Refused`] where it fails.
pub(super) async fn credentials(set: &ProfileSet, profile: &str) -> Result<Credentials, CredentialsFailure> {
    let failed = |reason: String| CredentialsFailure::Refused {
        profile: profile.to_owned(),
        reason: format!("its `credential_process` failed: {reason}"),
    };
    let command = set.property(profile, "credential_process").unwrap_or_default();
    let (status, output) = match tokio::time::timeout(LIMIT, run(shell(command))).await {
        Ok(ended) => ended.map_err(|error| failed(error.to_string()))?,
        Err(_) => {
            let reason = format!("its `credential_process` did not end within {} s", LIMIT.as_secs());
            return Err(CredentialsFailure::Useless { profile: profile.to_owned(), reason });
        }
    };
    if output.len() as u64 > MAX_BYTES {
        return Err(failed(format!("it prints more than {} KiB", MAX_BYTES / 1024)));
    }
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    parse(&output, set.property(profile, "aws_account_id")).map_err(failed)
}

/// How the program ended, and what it has printed: no more than one byte too many.
async fn run(mut command: Command) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    // Dropped with the call, the program is killed.
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
    let mut output = Zeroizing::new(Vec::new());
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_BYTES + 1).read_to_end(&mut output).await?;
    }
    Ok((child.wait().await?, output))
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// `cmd.exe` takes the whole command in quotes of its own, and none of Rust's (aws-config: credential_process.rs).
#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    shell.arg("/C").raw_arg(format!("\"{command}\""));
    shell
}

/// The output of a credential_process, version 1 (AWS SDKs and Tools Reference Guide, "Process credential provider");
/// upper and lower case of the names do not count (aws-config: credential_process.rs).
pub(super) fn parse(output: &[u8], account_id: Option<&str>) -> Result<Credentials, String> {
    let document: BTreeMap<String, Value> = serde_json::from_slice(output).map_err(|error| {
        // serde_json quotes what it found: only the place is told.
        format!("its output is no JSON object (line {}, column {})", error.line(), error.column())
    })?;
    let document: BTreeMap<_, _> = document.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    let text = |name: &str| document.get(&name.to_lowercase())?.as_str().map(str::to_owned);
    let needed = |name: &str| text(name).ok_or_else(|| format!("its output lacks `{name}`"));
    if document.get("version").and_then(Value::as_u64) != Some(1) {
        return Err("its output has to say `\"Version\": 1`".to_owned());
    }
    let mut credentials = Credentials::builder()
        .access_key_id(needed("AccessKeyId")?)
        .secret_access_key(needed("SecretAccessKey")?)
        .provider_name("CredentialProcess");
    credentials.set_session_token(text("SessionToken"));
    credentials.set_account_id(text("AccountId").or_else(|| account_id.map(str::to_owned)).map(Into::into));
    if let Some(expiration) = text("Expiration") {
        let expiry = DateTime::from_str(&expiration, Format::DateTimeWithOffset).ok();
        let expiry = expiry.and_then(|expiry| SystemTime::try_from(expiry).ok());
        credentials.set_expiry(Some(expiry.ok_or("its output's `Expiration` is no RFC 3339 time")?));
    }
    Ok(credentials.build())
}
