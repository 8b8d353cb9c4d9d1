//! What a mount of the AWS folder means for a sign-in whose token wants to be renewed.

use std::time::Duration;

use crate::aws::access::Notice;
use crate::aws::profile::Profile;
use crate::aws::sso::cache::Cache;
use crate::delivery::session::rfc3339;
use crate::report::outcome::until;

use super::{App, profile};

/// botocore renews a token with less left than this (botocore: tokens.py).
const BOTOCORE_RENEWS: Duration = Duration::from_secs(15 * 60);

/// Says from when on a container will fail: below 15 minutes botocore renews the token, which it then cannot write
/// through a read-only mount. A token without a refresh token serves to its end.
pub(super) fn warn_of_renewal(app: &App, profile: &Profile) {
    let access = profile::access(app, Some(profile));
    let (Some(login), Some(caches)) = (profile.chain.sso(), &access.caches) else { return };
    let tell = |notice: Notice<'_>| access.person.tell(notice);
    let Ok(Some(token)) = Cache::new(&caches.sso).token(&login.session, &tell) else { return };
    if token.refresh_token.is_none() {
        return;
    }
    let from = token.expires_at - BOTOCORE_RENEWS;
    let from = if from > app.clock.now() {
        format!("from {} on, 15 minutes before the sign-in to", until(&rfc3339(from), app.minutes_until(from)))
    } else {
        "now, less than 15 minutes before the sign-in to".to_owned()
    };
    app.report.warn(
        "mount_renewal",
        format!(
            "{from} {} ends, boto3 in a container will try to refresh it, which the read-only mount forbids: keep `astro-aws refresh --watch` running, or use `--delivery session`",
            login.session.label()
        ),
    );
}
