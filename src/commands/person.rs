//! The person at the terminal, as the rooms below see one: told what happens, shown where to sign in, asked for codes.

use crate::aws::access::{MfaQuestion, Notice, Person};
use crate::aws::secret::MfaCode;

use super::App;

impl Person for App {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::Waiting(session) => {
                self.report.note(format!("Waiting for another process that is signing in to {}", session.label()));
            }
            Notice::Corrupt { path, reason } => {
                self.report.warn("cache", format!("`{}` is not used: {reason}", path.display()));
            }
            Notice::NotKept { path, reason } => {
                self.report.warn("cache", format!("`{}` could not be written: {reason}", path.display()));
            }
            Notice::WaitingForCode { profile } => {
                self.report.note(format!("Waiting for another process that asks for the code of profile {profile}"));
            }
            Notice::SignIn(link) => self.report.show(link.url),
        }
    }

    fn mfa_code(&self, _: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        Ok(None)
    }
}
