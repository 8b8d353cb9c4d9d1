//! The authorization code with PKCE: the browser signs in and comes back to a listener on this machine.
//!
//! A registered client comes in, a token goes out. The link is told; who is told opens the browser.

use std::time::Duration;

use tokio::time::timeout;
use url::form_urlencoded;

use crate::aws::access::{Access, Link, Notice};
use crate::aws::profile::SsoSession;
use crate::aws::secret::AuthorizationCode;
use crate::aws::sso::cache::{Registration, Token};
use crate::aws::sso::oidc::{Client, Code, Grant};
use crate::aws::trouble;

use super::LIMIT;
use super::failure::{Stopped, host, timed_out};
use super::loopback::{Loopback, Return};
use super::pkce::{self, State};

/// Signs in.
///
/// # Errors
/// [`Stopped`].
pub(super) async fn token(
    client: &Client,
    session: &SsoSession,
    registration: &Registration,
    access: &Access<'_>,
) -> Result<Token, Stopped> {
    let no_random = |error: getrandom::Error| host(format!("the system gives no random numbers: {error}"));
    let verifier = pkce::verifier().map_err(no_random)?;
    let state = State::new().map_err(no_random)?;
    let loopback = Loopback::bind().await.map_err(|error| host(format!("cannot listen on 127.0.0.1: {error}")))?;
    let redirect_uri = loopback.redirect_uri();
    let link = Authorize {
        address: &client.address().await?,
        client_id: &registration.client_id,
        redirect_uri: &redirect_uri,
        state: state.expose(),
        challenge: &pkce::challenge(&verifier),
        scopes: client.scopes(),
    }
    .link();
    access.person.tell(Notice::SignIn(&Link { session, url: &link, user_code: None }));
    let code = code(&loopback, &state, LIMIT).await?;
    let grant = Grant::AuthorizationCode { code: &code, verifier: &verifier, redirect_uri: &redirect_uri };
    Ok(client.token(registration, grant).await?)
}

/// The code that the browser brings back within this time.
async fn code(loopback: &Loopback, state: &State, limit: Duration) -> Result<AuthorizationCode, Stopped> {
    match timeout(limit, loopback.wait(state)).await {
        Err(_) => Err(timed_out(limit)),
        Ok(Return::Error(error)) => Err(Stopped::Refused(Code::named(&trouble::printable(&error)))),
        Ok(Return::Code(code)) => Ok(code),
    }
}

/// What the page that the browser opens is to know (botocore: `utils.py`, `_get_authorization_uri`).
struct Authorize<'a> {
    address: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    state: &'a str,
    challenge: &'a str,
    scopes: &'a [String],
}

impl Authorize<'_> {
    fn link(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("state", self.state)
            .append_pair("code_challenge_method", "S256")
            .append_pair("scopes", &self.scopes.join(" "))
            .append_pair("code_challenge", self.challenge)
            .finish();
        // A plus is a blank in forms alone; one that is meant is `%2B` by now.
        format!("{}/authorize?{}", self.address, query.replace('+', "%20"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sso::sign_in::SignInFailure;
    use crate::aws::sso::wire::run;

    #[test]
    fn nobody_is_waited_for_longer_than_ten_minutes() {
        assert_eq!(LIMIT, Duration::from_mins(10));
        let waited =
            run(async { code(&Loopback::bind().await.unwrap(), &State::new().unwrap(), Duration::ZERO).await });
        assert!(matches!(waited, Err(Stopped::Failed(SignInFailure::TimedOut { .. }))), "{waited:?}");
    }

    #[test]
    fn the_link_is_that_of_the_aws_cli() {
        let link = Authorize {
            address: "https://oidc.eu-west-1.amazonaws.com",
            client_id: "abc+/=",
            redirect_uri: "http://127.0.0.1:5000/oauth/callback",
            state: "xyz",
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            scopes: &["sso:account:access".to_owned(), "codewhisperer:completions".to_owned()],
        }
        .link();
        assert_eq!(
            link,
            "https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&client_id=abc%2B%2F%3D\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A5000%2Foauth%2Fcallback&state=xyz&code_challenge_method=S256\
             &scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Acompletions\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
