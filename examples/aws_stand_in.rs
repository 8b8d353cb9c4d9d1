//! The tests' stand-in for AWS (SSO-OIDC, the IAM Identity Center portal, STS, Secrets Manager and SSM Parameter Store at
//! one address) as a server, for clients in other languages: `cargo run --example aws_stand_in -- [--listen 127.0.0.1:0] [--until-eof]`.
//!
//! The first line on stdout is its URL. It runs until it is killed, or with `--until-eof` until stdin is closed: then it
//! never outlives whoever started it. What the real services do is in `tests/support/aws/`; point a client at it with
//! `AWS_ENDPOINT_URL`, or the `services` section of a profile (`sts`, `sso`, `sso_oidc`,
//! `secrets_manager`, `ssm`).
//!
//! It is set up and asked with JSON under `/_stand-in/`, by GET where nothing is changed, else by POST:
//!
//! | command | body or answer |
//! |---|---|
//! | `settings` | any of: `token_lifetime`, `legacy_token_lifetime`, `credentials_lifetime`, `client_lifetime`, `code_lifetime` (seconds), `refresh_tokens` (`rotate`, `stay`, `stay-unsaid`), `consent` (`given`, `denied`, `given-with-foreign-state`, `withheld`), `device` {`interval`, `expires_in`, `approved_after`, `slow_downs`}, `start_urls`, `user`, `page_size`, `region`, `latency` {action or `*`: {`least`, `most`} in ms}, `seed` |
//! | `sign-in` | makes one known: `access_token`, and `expires_in`, `refresh_token`, `client_id`, `client_secret`, `client_expires_in` |
//! | `end-sign-in` | `token`, an access or refresh token; `end-all-sign-ins`: none |
//! | `forget-clients` | forgets every registration |
//! | `accounts` | `accounts`: [{`id`, `name`, `email`, `roles`}] |
//! | `key` | makes one known to STS: `access_key_id`, `account`, `arn`, `user_id`, `session_token` for a temporary one |
//! | `role` | what AssumeRole wants: `arn`, `mfa_serial`, `mfa_codes`, `external_id` |
//! | `decide-on-devices` | `consent`: on all device codes that wait |
//! | `secrets` | keeps them: `secrets`: [{`name`, `value` or `binary` (base64), `kms_key_id`, `deleted`}], `region` |
//! | `parameters` | keeps them: `parameters`: [{`name`, `value`, `kind`, `kms_key_id`}], `region` |
//! | `permissions` | `denied`: [[action, resource]], `policy` (IAM), `disabled_keys`; nothing: all is allowed again |
//! | `failure` | `action`, `failure` (`refused` with `code`, `status` with `status`, `slow` with `delay_ms`, `internal`, `silent`, `dropped`, `garbage`; null recovers), `times` |
//! | `counts` | answers `hits` and `refusals` by action, `all`, `most_in_flight`; `forget-calls`: from zero |
//! | `calls?action=…` | answers `calls`: the parameters of each |
//! | `issued` | answers `access_tokens`, `refresh_tokens`, `credentials`, `clients`: every secret that it gave out |
#![allow(clippy::print_stdout, reason = "its address is what this program prints")]

#[path = "../tests/support/aws/mod.rs"]
mod aws;

use std::env;
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::thread;

use aws::Aws;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut listen, mut until_eof) = ("127.0.0.1:0".to_owned(), false);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => listen = arguments.next().ok_or("--listen needs an address")?,
            "--until-eof" => until_eof = true,
            _ => return Err(format!("unknown argument {argument}: [--listen ADDRESS:PORT] [--until-eof]").into()),
        }
    }
    let aws = Aws::start_on(listen.parse()?)?;
    println!("{}", aws.url());
    std::io::stdout().flush()?;
    if until_eof {
        std::io::stdin().lock().read_to_end(&mut Vec::new())?;
    } else {
        loop {
            thread::park();
        }
    }
    Ok(())
}
