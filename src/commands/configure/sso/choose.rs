//! The account and the role that a profile is to have, out of those that the sign-in gives access to.

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::sso::cache::Token;
use crate::aws::sso::portal::{self, Account, PortalFailure};
use crate::aws::sso::sign_in::Accept;
use crate::aws::sso::token::{Renew, TokenFailure, live};
use crate::cli::IdentityCenterArgs;
use crate::commands::interrupt::or_interrupted;
use crate::commands::login::{Way, tried_in_browser};
use crate::commands::{App, failures};
use crate::report::{Error, Kind, prompt};

/// How many names an error lists.
const LISTED: usize = 5;

/// What a profile is made of.
pub(super) struct Chosen {
    /// The session, in the region where its IAM Identity Center was found.
    pub(super) session: SsoSession,
    /// The account's id.
    pub(super) account: String,
    /// The role's name.
    pub(super) role: String,
}

/// Why nothing was chosen.
pub(super) enum Stopped {
    /// Another start URL, or another region, could help.
    Instance(Error),
    /// Anything else.
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Signs in where that is needed, and lets the person choose what the options leave open.
///
/// # Errors
/// Nobody is signed in; an account or a role that the sign-in does not give.
pub(super) async fn choose(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    args: &IdentityCenterArgs,
    access: &Access<'_>,
) -> Result<Chosen, Stopped> {
    let (mut token, mut session) = token(app, set, session, access).await?;
    let accounts = match accounts(app, set, &session, &token, access).await? {
        Err(PortalFailure::Ended { .. }) => {
            // The cache had it alive, the portal does not: somebody signed out, or it is of another instance.
            let accept = Accept::InsteadOf(&token.access_token);
            (token, session) = sign_in(app, set, &session, accept, access).await?;
            accounts(app, set, &session, &token, access).await?
        }
        result => result,
    };
    let accounts = accounts.map_err(|failure| failures::portal(set, &session, &failure))?;
    let account = account(app, &session, args.account.as_deref(), accounts)?;
    let roles = {
        let _progress = app.report.progress("asking for the roles");
        or_interrupted(portal::roles(set, &session, &account, &token.access_token, access)).await?
    };
    let roles = roles.map_err(|failure| failures::portal(set, &session, &failure))?;
    let role = role(app, &session, args.role.as_deref(), (&account, roles))?;
    Ok(Chosen { session, account, role })
}

async fn accounts(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    token: &Token,
    access: &Access<'_>,
) -> Result<Result<Vec<Account>, PortalFailure>, Error> {
    let _progress = app.report.progress("asking for the accounts");
    or_interrupted(portal::accounts(set, session, &token.access_token, access)).await
}

/// A live token, that of the cache or of a new sign-in, and the session that it is of.
async fn token(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    access: &Access<'_>,
) -> Result<(Token, SsoSession), Stopped> {
    let present = {
        let _progress = app.report.progress("looking for a sign-in");
        or_interrupted(Box::pin(live(set, session, &Renew::WhenDue, access))).await?
    };
    match present {
        Ok(live) => Ok((live.token, session.clone())),
        Err(TokenFailure::SignIn { .. }) => sign_in(app, set, session, Accept::Live, access).await,
        Err(failure) => Err(failures::token(set, session, &failure).into()),
    }
}

/// Signs in to a session that may not be written down yet, so that `login` would not know it.
async fn sign_in(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    accept: Accept<'_>,
    access: &Access<'_>,
) -> Result<(Token, SsoSession), Stopped> {
    if !app.may_sign_in() {
        let why = if app.global.no_input { "`--no-input` forbids to ask" } else { "there is no terminal to do so" };
        let message = format!("nobody is signed in to {}, and {why}", session.label());
        let error = Error::new(Kind::Credentials, message).hint("run this command in a terminal, without `--no-input`");
        return Err(error.into());
    }
    match Box::pin(tried_in_browser(app, set, session, (Way::Fitting, accept), access)).await? {
        Ok(done) => {
            let region = done.moved_to.unwrap_or_else(|| session.region.clone());
            Ok((done.token, SsoSession { region, ..session.clone() }))
        }
        Err(failure) => {
            let error = failures::sign_in(set, session, &failure);
            Err(if failure.concerns_the_instance() { Stopped::Instance(error) } else { Stopped::Failed(error) })
        }
    }
}

fn account(app: &App, session: &SsoSession, given: Option<&str>, accounts: Vec<Account>) -> Result<String, Error> {
    if let Some(given) = given {
        let mut found = accounts.iter().filter(|account| account.id == given || account.name == given);
        return match (found.next(), found.next()) {
            (Some(account), None) => Ok(account.id.clone()),
            (Some(_), Some(_)) => Err(Error::new(Kind::Usage, format!("more than one account is called `{given}`"))
                .hint("name it by its id with `--account`")),
            (None, _) => Err(not_given("account", given, session, accounts.iter().map(named))),
        };
    }
    match accounts.as_slice() {
        [] => Err(nothing("account", session)),
        [only] => {
            app.report.note(format!("The only account is {}", named(only)));
            Ok(only.id.clone())
        }
        _ => {
            let shown = accounts.iter().map(named).collect();
            let index = prompt::select(&format!("Account ({}):", accounts.len()), shown)?;
            accounts.into_iter().nth(index).map(|account| account.id).ok_or_else(|| nothing("account", session))
        }
    }
}

fn role(
    app: &App,
    session: &SsoSession,
    given: Option<&str>,
    (account, roles): (&str, Vec<String>),
) -> Result<String, Error> {
    if let Some(given) = given {
        return match roles.iter().any(|role| role == given) {
            true => Ok(given.to_owned()),
            false => Err(not_given(&format!("account {account} as"), given, session, roles.into_iter())),
        };
    }
    match roles.as_slice() {
        [] => Err(nothing(&format!("role in account {account}"), session)),
        [only] => {
            app.report.note(format!("The only role is {only}"));
            Ok(only.clone())
        }
        _ => {
            let index = prompt::select(&format!("Role ({}):", roles.len()), roles.clone())?;
            roles.into_iter().nth(index).ok_or_else(|| nothing("role", session))
        }
    }
}

/// An account as a person finds it: name, id and address.
fn named(account: &Account) -> String {
    match (account.name.as_str(), account.email.as_str()) {
        ("", "") => account.id.clone(),
        ("", email) => format!("({}) {email}", account.id),
        (name, "") => format!("{name} ({})", account.id),
        (name, email) => format!("{name} ({}) {email}", account.id),
    }
}

fn not_given(what: &str, given: &str, session: &SsoSession, there_are: impl Iterator<Item = String>) -> Error {
    let names: Vec<String> = there_are.collect();
    let message = format!("the sign-in to {} does not give access to {what} `{given}`", session.label());
    if names.is_empty() {
        return Error::new(Kind::Credentials, message).hint("ask your administrator for a permission set");
    }
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Error::new(Kind::Credentials, message).hint(format!("there are {shown}{more}"))
}

/// The error for a sign-in that gives nothing.
fn nothing(what: &str, session: &SsoSession) -> Error {
    Error::new(Kind::Credentials, format!("the sign-in to {} gives access to no {what}", session.label()))
        .hint("ask the administrator of your IAM Identity Center for a permission set")
}
