//! Who is signed in to the stand-in for IAM Identity Center: access tokens and refresh tokens, each of one sign-in,
//! which ends as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::secret::secret;
use super::settings::RefreshTokens;
use super::times::rfc3339;

#[derive(Default)]
pub(super) struct SignIns {
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    begun: usize,
    ended: BTreeSet<usize>,
}

struct Access {
    sign_in: usize,
    /// Never, without one.
    expires_at: Option<SystemTime>,
}

struct Refresh {
    sign_in: usize,
    client_id: String,
    used: bool,
}

impl SignIns {
    pub(super) fn begin(&mut self) -> usize {
        self.begun += 1;
        self.begun
    }

    pub(super) fn issue_access(&mut self, sign_in: usize, lifetime: Duration) -> String {
        let token = secret("aoaAAAAA");
        self.knows_access(sign_in, &token, Some(SystemTime::now() + lifetime));
        token
    }

    pub(super) fn issue_refresh(&mut self, sign_in: usize, client_id: &str) -> String {
        let token = secret("aorAAAAA");
        self.knows_refresh(sign_in, &token, client_id);
        token
    }

    pub(super) fn knows_access(&mut self, sign_in: usize, token: &str, expires_at: Option<SystemTime>) {
        self.access.insert(token.to_owned(), Access { sign_in, expires_at });
    }

    pub(super) fn knows_refresh(&mut self, sign_in: usize, token: &str, client_id: &str) {
        self.refresh.insert(token.to_owned(), Refresh { sign_in, client_id: client_id.to_owned(), used: false });
    }

    /// Whether somebody is signed in with this access token.
    pub(super) fn is_live(&self, token: &str) -> bool {
        self.access.get(token).is_some_and(|access| {
            !self.ended.contains(&access.sign_in) && access.expires_at.is_none_or(|end| end > SystemTime::now())
        })
    }

    /// Takes a refresh token for what it is worth: the sign-in and the refresh token that goes on from here.
    pub(super) fn redeem(
        &mut self,
        token: &str,
        client_id: &str,
        behaviour: RefreshTokens,
    ) -> Option<(usize, Option<String>)> {
        let refresh = self.refresh.get_mut(token)?;
        if refresh.used || refresh.client_id != client_id || self.ended.contains(&refresh.sign_in) {
            return None;
        }
        let sign_in = refresh.sign_in;
        let next = match behaviour {
            RefreshTokens::Rotate => {
                refresh.used = true;
                Some(self.issue_refresh(sign_in, client_id))
            }
            RefreshTokens::Stay => Some(token.to_owned()),
            RefreshTokens::StayUnsaid => None,
        };
        Some((sign_in, next))
    }

    /// Ends the sign-in that an access or a refresh token belongs to; false where there is none.
    pub(super) fn end(&mut self, token: &str) -> bool {
        let of_access = self.access.get(token).map(|access| access.sign_in);
        let sign_in = of_access.or_else(|| self.refresh.get(token).map(|refresh| refresh.sign_in));
        self.ended.extend(sign_in);
        sign_in.is_some()
    }

    pub(super) fn end_all(&mut self) {
        self.ended.extend(1..=self.begun);
    }

    pub(super) fn as_json(&self) -> Value {
        let access = self.access.iter().map(|(token, access)| {
            json!({
                "token": token, "expires_at": access.expires_at.map(rfc3339), "live": self.is_live(token),
                "sign_in": access.sign_in,
            })
        });
        let refresh = self.refresh.iter().map(|(token, refresh)| {
            json!({
                "token": token, "client_id": refresh.client_id, "used": refresh.used, "sign_in": refresh.sign_in,
                "live": !refresh.used && !self.ended.contains(&refresh.sign_in),
            })
        });
        json!({"access_tokens": access.collect::<Value>(), "refresh_tokens": refresh.collect::<Value>()})
    }
}
