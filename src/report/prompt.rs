//! Questions on a terminal. Whether one may be asked at all is decided by the caller, from `--no-input` and the terminal.

use inquire::autocompletion::Replacement;
use inquire::ui::RenderConfig;
use inquire::validator::Validation;
use inquire::{Autocomplete, Confirm, CustomUserError, InquireError, Password, PasswordDisplayMode, Select, Text};
use zeroize::Zeroizing;

use super::error::{Error, Kind};

/// What is said below a list. inquire has no words of its own for a filter that nothing fits.
const LIST_HELP: &str = "↑↓ to move, Enter to choose, type to filter; an empty list: nothing fits what you typed";

/// What is said of an answer that will not do.
pub type Check = fn(&str) -> Result<(), String>;

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
    select_from(question, choices, 0)
}

/// The same with the cursor on one of them.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn select_from(question: &str, choices: Vec<String>, start: usize) -> Result<usize, Error> {
    // A list of thousands is scored as a whole at each key: a plain substring is fast, and finds ids, too.
    let scorer = |filter: &str, _: &String, text: &str, _: usize| {
        text.to_lowercase().contains(&filter.to_lowercase()).then_some(0)
    };
    Select::new(question, choices)
        .with_scorer(&scorer)
        .with_starting_cursor(start)
        .with_help_message(LIST_HELP)
        .raw_prompt()
        .map(|choice| choice.index)
        .map_err(|error| failed(&error))
}

/// Asks for a line; Enter takes `default`, Tab and the arrow keys one of the `suggestions` that hold what was typed.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn text(question: &str, default: Option<&str>, suggestions: &[&str], check: Check) -> Result<String, Error> {
    let mut prompt = line(question, suggestions, check);
    if let Some(default) = default {
        prompt = prompt.with_default(default);
    }
    prompt.prompt().map(|line| line.trim().to_owned()).map_err(|error| failed(&error))
}

/// Asks again for a line that was `given` and is there to be mended.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn text_again(question: &str, given: &str, suggestions: &[&str], check: Check) -> Result<String, Error> {
    let prompt = line(question, suggestions, check).with_initial_value(given);
    prompt.prompt().map(|line| line.trim().to_owned()).map_err(|error| failed(&error))
}

fn line<'a, 'b>(question: &'a str, suggestions: &[&str], check: Check) -> Text<'a, 'b> {
    let known = suggestions.iter().map(|&known| known.to_owned()).collect();
    let validate = move |typed: &str| {
        Ok(check(typed.trim()).map_or_else(|reason| Validation::Invalid(reason.into()), |()| Validation::Valid))
    };
    Text::new(question).with_autocomplete(Suggestions(known)).with_validator(validate).with_page_size(5)
}

/// What a line may be completed to.
#[derive(Clone)]
struct Suggestions(Vec<String>);

impl Autocomplete for Suggestions {
    fn get_suggestions(&mut self, typed: &str) -> Result<Vec<String>, CustomUserError> {
        let typed = typed.trim().to_lowercase();
        let fits = |known: &&String| !typed.is_empty() && known.contains(&typed) && **known != typed;
        Ok(self.0.iter().filter(fits).cloned().collect())
    }

    /// The one that the arrow keys went to, else the first.
    fn get_completion(&mut self, typed: &str, chosen: Option<String>) -> Result<Replacement, CustomUserError> {
        Ok(chosen.or(self.get_suggestions(typed)?.into_iter().next()))
    }
}

/// Asks for something that nobody may look at: nothing of it is shown.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn secret(question: &str, check: Check) -> Result<Zeroizing<String>, Error> {
    let validate = move |typed: &str| {
        Ok(check(typed.trim()).map_or_else(|reason| Validation::Invalid(reason.into()), |()| Validation::Valid))
    };
    Password::new(question)
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_help_message("what you type is not shown")
        .with_validator(validate)
        .with_formatter(&|_| "(not shown)".to_owned())
        .without_confirmation()
        .prompt()
        .map(|typed| Zeroizing::new(Zeroizing::new(typed).trim().to_owned()))
        .map_err(|error| failed(&error))
}

/// The same for a value of any form, to the last blank as it was typed.
///
/// # Errors
/// [`Kind::Interrupted`] for Ctrl-C and Esc.
pub fn secret_as_typed(question: &str, help: &str) -> Result<Zeroizing<String>, Error> {
    Password::new(question)
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_help_message(help)
        .with_formatter(&|typed| match typed.chars().count() {
            1 => "(1 character, not shown)".to_owned(),
            count => format!("({count} characters, not shown)"),
        })
        .without_confirmation()
        .prompt()
        .map(Zeroizing::new)
        .map_err(|error| failed(&error))
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
