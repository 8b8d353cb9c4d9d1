//! Questions on a terminal. Whether one may be asked at all is decided by the caller, from `--no-input` and the terminal.

use inquire::ui::RenderConfig;
use inquire::{Confirm, InquireError, Select};

use super::error::{Error, Kind};

/// Asks without colour from now on.
pub(super) fn without_colour() {
    inquire::set_global_render_config(RenderConfig::empty());
}

/// Asks yes or no; Enter takes `default`.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn confirm(question: &str, default: bool) -> Result<bool, Error> {
    Confirm::new(question).with_default(default).prompt().map_err(|error| failed(&error))
}

/// Lets one of several be chosen, filtered as one types; the index of the choice.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn select(question: &str, choices: Vec<String>) -> Result<usize, Error> {
    Select::new(question, choices).raw_prompt().map(|choice| choice.index).map_err(|error| failed(&error))
}

fn failed(error: &InquireError) -> Error {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Error::new(Kind::Interrupted, "interrupted; nothing was applied")
        }
        other => Error::new(Kind::Failed, format!("the question could not be asked: {other}"))
            .hint("answer beforehand with options, and `--yes` or `--no-input`"),
    }
}
