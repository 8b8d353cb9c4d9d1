//! The start URL and the region of an IAM Identity Center, questioned and asked for again before answers are lost.
//!
//! What was answered and what went wrong with it come in; what the person means goes out.

use strsim::levenshtein;

use crate::aws::profile::{ProfileSet, SsoSession};
use crate::commands::App;
use crate::report::{Error, prompt};

use super::super::answers::{REGIONS, region, start_url};

pub(super) const START_URL: &str = "Start URL:";
pub(super) const REGION: &str = "Region of IAM Identity Center:";

/// So many letters are mistyped at most in a region that a person means.
const SLIPS: usize = 3;

/// A region that a person means: one that is not known is questioned, since what is asked of a host that does not exist
/// is answered by nobody. New regions come, so that none is refused.
///
/// # Errors
/// [`Kind::Interrupted`](crate::report::Kind::Interrupted).
pub(super) fn meant(app: &App, mut answer: String) -> Result<String, Error> {
    while app.may_ask() && !REGIONS.contains(&answer.as_str()) {
        let guess = near(&answer).map(|near| format!(": did you mean {near}?")).unwrap_or_else(|| ".".to_owned());
        let question = format!("`{answer}` is no region that astro-aws knows{guess} Use `{answer}` all the same?");
        if prompt::confirm(&question, false)? {
            break;
        }
        answer = prompt::text_again(REGION, &answer, REGIONS, region)?;
    }
    Ok(answer)
}

/// Whether the config file has the session just so: then it is not ours to ask about.
pub(super) fn is_written(set: &ProfileSet, session: &SsoSession) -> bool {
    let written = session.name.as_deref().and_then(|name| set.sso_session(name));
    written.is_some_and(|written| written.start_url == session.start_url && written.region == session.region)
}

/// The session with a start URL and a region that a person gives again, after what went wrong with these.
///
/// # Errors
/// [`Kind::Interrupted`](crate::report::Kind::Interrupted).
pub(super) fn asked_again(app: &App, session: SsoSession, wrong: &Error) -> Result<SsoSession, Error> {
    app.report.show(wrong.line());
    app.report.show("Look at the start URL and the region again; Enter takes them as they are, Ctrl-C ends.");
    let start_url = prompt::text_again(START_URL, &session.start_url, &[], start_url)?;
    let region = meant(app, prompt::text_again(REGION, &session.region, REGIONS, region)?)?;
    Ok(SsoSession { start_url, region, ..session })
}

/// The known region that a mistyped one is nearest to.
fn near(mistyped: &str) -> Option<&'static str> {
    let slips = |known: &&str| levenshtein(mistyped, known);
    REGIONS.iter().copied().min_by_key(slips).filter(|known| slips(known) <= SLIPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_region_is_told_by_the_one_it_is_nearest_to() {
        for (mistyped, meant) in [
            ("eu-centrl-1", Some("eu-central-1")),
            ("us-eats-1", Some("us-east-1")),
            ("eu-wst-3", Some("eu-west-3")),
            ("xx-nowhere-at-all-1", None),
        ] {
            assert_eq!(near(mistyped), meant, "{mistyped}");
        }
        assert!(REGIONS.iter().all(|known| near(known) == Some(known)));
    }
}
