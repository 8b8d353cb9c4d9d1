//! Which delivery will work here, and why.
//!
//! What is known of host, engine and profile comes in; a delivery and one line of reason go out. `mount` is what
//! Astronomer's guide asks for, so it is taken wherever nothing stands against it.

use crate::aws::profile::{Profile, Source};
use crate::host::paths::{EnginePath, PathError};
use crate::host::readability::{Obstacle, Unreadable};
use crate::host::{EngineKind, Os};

use super::Delivery;

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Whatever works.
    Auto,
    /// This one.
    Only(Delivery),
}

/// What the choice depends on.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The host's operating system.
    pub os: Os,
    /// The engine, where one was found.
    pub engine: EngineKind,
    /// SELinux enforces, so a container needs a relabelled folder.
    pub selinux: bool,
    /// The profile.
    pub profile: &'a Profile,
    /// The AWS folder as the engine names it; `None` where the two shared files lie in different folders.
    pub aws_folder: Option<&'a Result<EnginePath, PathError>>,
    /// The first file of the AWS folder that the containers' user could not read.
    pub unreadable: Option<&'a Unreadable>,
    /// The SSO token cache lies in the AWS folder; it is always looked for in `~/.aws`, wherever the shared files are.
    pub is_cache_mounted: bool,
}

/// A delivery, and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The delivery.
    pub delivery: Delivery,
    /// One line, the end of a sentence that begins with "because".
    pub reason: String,
    /// What speaks against it, where a person asked for it all the same.
    pub objection: Option<String>,
}

/// A mount that cannot even be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the AWS folder cannot be mounted: {reason}")]
pub struct Impossible {
    /// Why.
    pub reason: String,
}

/// Chooses.
///
/// # Errors
/// [`Impossible`] where `mount` was asked for and there is no folder to mount.
pub fn choose(choice: Choice, situation: &Situation<'_>) -> Result<Chosen, Impossible> {
    let impossible = not_mountable(situation);
    match choice {
        Choice::Only(Delivery::Mount) => match impossible {
            Some(reason) => Err(Impossible { reason }),
            None => Ok(Chosen {
                delivery: Delivery::Mount,
                reason: "you asked for it".to_owned(),
                objection: objection(situation),
            }),
        },
        Choice::Only(Delivery::Session) => {
            Ok(Chosen { delivery: Delivery::Session, reason: "you asked for it".to_owned(), objection: None })
        }
        Choice::Auto => Ok(match impossible.or_else(|| objection(situation)) {
            Some(reason) => Chosen { delivery: Delivery::Session, reason, objection: None },
            None => Chosen {
                delivery: Delivery::Mount,
                reason: "the containers can read your AWS folder and the profile needs nothing else of this host"
                    .to_owned(),
                objection: None,
            },
        }),
    }
}

fn not_mountable(situation: &Situation<'_>) -> Option<String> {
    match situation.aws_folder {
        None => Some("AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE lie in different folders".to_owned()),
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(_)) => None,
    }
}

/// Why a container that mounts the AWS folder would have no credentials, or lose them.
fn objection(situation: &Situation<'_>) -> Option<String> {
    needs_host(situation)
        .or_else(|| {
            situation.engine.keeps_host_modes(situation.os).then(|| unreadable(situation.unreadable?)).flatten()
        })
        .or_else(|| situation.selinux.then(|| "SELinux keeps containers out of your AWS folder".to_owned()))
}

fn needs_host(situation: &Situation<'_>) -> Option<String> {
    let profile = situation.profile;
    let source = &profile.chain.source_profile;
    if let Some(role) = profile.chain.mfa_role() {
        return Some(format!("profile `{}` asks for an MFA code, which no container can answer", role.profile));
    }
    if profile.ca_bundle.is_some() {
        return Some(format!("profile `{}` names a certificate file of this host (`ca_bundle`)", profile.name));
    }
    match &profile.chain.source {
        Source::StaticKeys => None,
        Source::Sso(login) if login.session.name.is_none() && situation.is_cache_mounted => None,
        Source::Sso(login) if login.session.name.is_none() => {
            Some("your AWS files are not in ~/.aws, where the sign-in's token is".to_owned())
        }
        Source::Sso(_) => Some(format!(
            "profile `{source}` signs in with an sso-session, whose token a container cannot renew through a read-only mount"
        )),
        Source::CredentialProcess { .. } => {
            Some(format!("profile `{source}` runs a program of this host (`credential_process`)"))
        }
        Source::LoginSession => {
            Some(format!("profile `{source}` uses a console sign-in of this host (`login_session`)"))
        }
        Source::WebIdentity => Some(format!("profile `{source}` reads a token file of this host")),
        Source::Named(name) => Some(format!("profile `{source}` takes its credentials from this host (`{name}`)")),
    }
}

fn unreadable(found: &Unreadable) -> Option<String> {
    let path = found.path.display();
    Some(match found.why {
        Obstacle::Mode { mode, .. } => {
            format!("the containers' user (uid 50000) cannot read {path} (mode {:04o})", mode & 0o7777)
        }
        Obstacle::LinkLeavesFolder => format!("{path} is a link that leads out of the mounted folder"),
        Obstacle::NotInspected(kind) => format!("{path} cannot be inspected ({kind})"),
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::aws::profile::ProfileSet;
    use crate::host::engine::Vm;
    use crate::host::paths::{HostPath, engine_path};

    fn profile(config: &str) -> Profile {
        let set = ProfileSet::parse((Path::new("config"), config), (Path::new("credentials"), "")).unwrap();
        set.profile("p").unwrap()
    }

    const KEYS: &str = "[profile p]\naws_access_key_id = A\naws_secret_access_key = B\n";
    const SSO: &str = "[profile p]\nsso_session = c\nsso_account_id = 1\nsso_role_name = R\n\
                       [sso-session c]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n";
    const LEGACY: &str =
        "[profile p]\nsso_start_url = https://x/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n";

    /// The delivery and the reason for a profile on an engine.
    fn auto(
        config: &str,
        os: Os,
        engine: EngineKind,
        unreadable: Option<&Unreadable>,
        selinux: bool,
    ) -> (Delivery, String) {
        let profile = profile(config);
        let folder = engine_path(Os::Linux, &HostPath::new(Os::Linux, "/home/ana/.aws"));
        let situation = Situation {
            os,
            engine,
            selinux,
            profile: &profile,
            aws_folder: Some(&folder),
            unreadable,
            is_cache_mounted: true,
        };
        let chosen = choose(Choice::Auto, &situation).unwrap();
        (chosen.delivery, chosen.reason)
    }

    fn private() -> Unreadable {
        Unreadable {
            path: PathBuf::from("/home/ana/.aws/credentials"),
            why: Obstacle::Mode { mode: 0o100_600, uid: 1000, gid: 1000 },
        }
    }

    #[test]
    fn mount_is_taken_where_the_containers_can_read() {
        let private = private();
        for (os, engine, unreadable) in [
            (Os::Linux, EngineKind::Native, None),
            (Os::MacOs, EngineKind::Desktop, Some(&private)),
            (Os::MacOs, EngineKind::Vm(Vm::OrbStack), Some(&private)),
            (Os::Windows, EngineKind::Desktop, None),
        ] {
            assert_eq!(auto(KEYS, os, engine, unreadable, false).0, Delivery::Mount, "{os:?} {engine:?}");
        }
    }

    #[test]
    fn files_that_uid_50000_cannot_read_are_named_with_their_mode() {
        let (delivery, reason) = auto(KEYS, Os::Linux, EngineKind::Native, Some(&private()), false);
        assert_eq!(delivery, Delivery::Session);
        assert_eq!(reason, "the containers' user (uid 50000) cannot read /home/ana/.aws/credentials (mode 0600)");
    }

    #[test]
    fn profiles_that_need_the_host_get_a_session_everywhere() {
        for (config, word) in [
            (SSO, "sso-session"),
            ("[profile p]\ncredential_process = /bin/x\n", "credential_process"),
            ("[profile p]\naws_access_key_id = A\naws_secret_access_key = B\nca_bundle = /x.pem\n", "ca_bundle"),
            ("[profile p]\nlogin_session = arn\n", "login_session"),
            ("[profile p]\nrole_arn = r\nweb_identity_token_file = /t\n", "token file"),
            ("[profile p]\nrole_arn = r\ncredential_source = Environment\n", "Environment"),
            ("[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\ncredential_process = /bin/x\n", "`q`"),
            (
                "[profile p]\nrole_arn = r\nmfa_serial = m\nsource_profile = q\n[profile q]\naws_access_key_id = A\naws_secret_access_key = B\n",
                "MFA",
            ),
        ] {
            let (delivery, reason) = auto(config, Os::MacOs, EngineKind::Desktop, None, false);
            assert_eq!(delivery, Delivery::Session, "{config}");
            assert!(reason.contains(word), "{word}: {reason}");
        }
    }

    #[test]
    fn legacy_sso_and_key_chains_can_be_mounted() {
        assert_eq!(auto(LEGACY, Os::MacOs, EngineKind::Desktop, None, false).0, Delivery::Mount);
        let chain = "[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\naws_access_key_id = A\naws_secret_access_key = B\n";
        assert_eq!(auto(chain, Os::MacOs, EngineKind::Desktop, None, false).0, Delivery::Mount);
    }

    #[test]
    fn selinux_gets_a_session() {
        assert_eq!(auto(KEYS, Os::Linux, EngineKind::Native, None, true).0, Delivery::Session);
    }

    #[test]
    fn a_mount_asked_for_is_written_with_the_objection_said() {
        let profile = profile(SSO);
        let folder = engine_path(Os::Linux, &HostPath::new(Os::Linux, "/home/ana/.aws"));
        let situation = Situation {
            os: Os::Linux,
            engine: EngineKind::Native,
            selinux: false,
            profile: &profile,
            aws_folder: Some(&folder),
            unreadable: None,
            is_cache_mounted: true,
        };
        let chosen = choose(Choice::Only(Delivery::Mount), &situation).unwrap();
        assert_eq!(chosen.delivery, Delivery::Mount);
        assert!(chosen.objection.unwrap().contains("sso-session"));
    }

    #[test]
    fn files_in_two_folders_cannot_be_mounted() {
        let profile = profile(KEYS);
        let situation = Situation {
            os: Os::Linux,
            engine: EngineKind::Native,
            selinux: false,
            profile: &profile,
            aws_folder: None,
            unreadable: None,
            is_cache_mounted: true,
        };
        assert_eq!(choose(Choice::Auto, &situation).unwrap().delivery, Delivery::Session);
        assert!(choose(Choice::Only(Delivery::Mount), &situation).is_err());
    }
}
