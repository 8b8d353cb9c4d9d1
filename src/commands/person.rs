//! The person at the terminal, as the rooms below see one: told what happens, shown where to sign in, asked for codes.

use std::time::Duration;

use crate::aws::access::{Link, MfaQuestion, Notice, Person};
use crate::aws::secret::MfaCode;
use crate::host::browser::{self, Browser};
use crate::host::words::words;
use crate::host::{RealFiles, program};
use crate::report::style::STRONG;
use crate::report::{Kind, prompt};

use super::App;

/// The longest that `mfa_process` may take: it may wait for a finger on a key.
const PROCESS_LIMIT: Duration = Duration::from_secs(60);

/// What is said of a question that Ctrl-C broke off.
pub(super) const BROKEN_OFF: &str = "interrupted; nothing was applied";

/// What becomes of a sign-in's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// It is opened where there is a browser, and its link is printed.
    Fitting,
    /// It is opened, and its link is printed.
    Opened,
    /// Its link is printed.
    Printed,
}

/// The person, and what becomes of a sign-in's page.
pub(super) struct Someone<'a> {
    pub(super) app: &'a App,
    pub(super) page: Page,
}

impl Person for Someone<'_> {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::SignIn(link) => show(self.app, link, self.page),
            other => self.app.tell(other),
        }
    }

    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        self.app.mfa_code(question)
    }
}

impl Person for App {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::Waiting(session) => {
                self.report.note(format!("Waiting for another process that is signing in to {}", session.label()));
            }
            Notice::WaitingForCode { profile } => {
                self.report
                    .note(format!("Waiting for another process that asks for an MFA code for profile {profile}"));
            }
            Notice::Corrupt { path, reason } => {
                self.report.warn("cache", format!("`{}` is not used: {reason}", path.display()));
            }
            Notice::NotKept { path, reason } => {
                self.report.warn("cache", format!("`{}` could not be written: {reason}", path.display()));
            }
            Notice::SignIn(link) => show(self, link, Page::Fitting),
        }
    }

    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        if let Some(code) = &self.global.mfa_token {
            return Ok(Some(code.clone()));
        }
        if let Some(command) = question.process {
            return code_of_process(self, command).map(Some);
        }
        if !self.may_ask() {
            return Ok(None);
        }
        let asked = format!("MFA code of {} for profile {}:", device(question.serial), question.profile);
        let typed = self.report.undisturbed(|| prompt::secret(&asked, is_code));
        typed.map(|code| Some(MfaCode::new(code.as_str()))).map_err(|error| match error.kind {
            Kind::Interrupted => BROKEN_OFF.to_owned(),
            _ => error.message,
        })
    }
}

/// Shows where to sign in, and opens the page where it can be opened.
fn show(app: &App, Link { session, url, user_code }: &Link<'_>, page: Page) {
    let opens = match page {
        Page::Fitting => browser::surroundings(&app.host, &RealFiles) == Browser::Here,
        Page::Opened => true,
        Page::Printed => false,
    };
    let how = if opens { "in the browser, which opens now; if it does not, open" } else { "in a browser: open" };
    app.report.show(format!("Sign in to {STRONG}{}{STRONG:#} {how}\n  {url}", session.label()));
    if let Some(code) = user_code {
        app.report.show(format!("and check that the page shows {STRONG}{code}{STRONG:#}"));
    }
    if opens {
        browser::open(url);
    }
}

/// The name of a device without its account: all that tells one of a person's devices from another.
fn device(serial: &str) -> &str {
    serial.rsplit_once(":mfa/").map_or(serial, |(_, name)| name)
}

fn is_code(typed: &str) -> Result<(), String> {
    let is_code = typed.len() >= 6 && typed.chars().all(|c| c.is_ascii_digit());
    if is_code { Ok(()) } else { Err("a code has six digits".to_owned()) }
}

/// Runs `mfa_process`; its output, which may be the code, is in no message.
fn code_of_process(app: &App, command: &str) -> Result<MfaCode, String> {
    let words = words(app.host.os, command).filter(|words| !words.is_empty());
    let (name, arguments) = match words.as_deref() {
        Some([name, arguments @ ..]) => (name, arguments),
        _ => return Err("`mfa_process` is no command line".to_owned()),
    };
    let Some(path) = program::find(name, &app.host.env, &app.host.cwd) else {
        return Err(format!("`mfa_process`: there is no program `{name}`"));
    };
    let env = &app.host.env;
    let ended = std::thread::scope(|scope| {
        // A question is asked in the middle of a call, inside whose runtime no other can be started.
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(program::run(&path, arguments, env, b"", PROCESS_LIMIT)).ok()
        };
        scope.spawn(run).join().ok().flatten()
    });
    let output = ended.ok_or_else(|| {
        format!("`mfa_process` (`{name}`) did not run, or did not end within {} s", PROCESS_LIMIT.as_secs())
    })?;
    match output.stdout.trim() {
        _ if !output.is_success() => Err(match output.code {
            Some(code) => format!("`mfa_process` (`{name}`) failed with exit code {code}"),
            None => format!("`mfa_process` (`{name}`) was ended by a signal"),
        }),
        code if is_code(code).is_ok() => Ok(MfaCode::new(code)),
        _ => Err(format!("`mfa_process` (`{name}`) printed no code")),
    }
}
