//! Several projects in one environment, each set up with a profile of its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::environment::{TestEnvironment, copy_folder};
use super::programs::fixture_project;

/// Profiles of every kind that matters for many projects at once: two names for one role, another role, and keys.
const CONFIG: &str = "\
[sso-session company]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile dev]
sso_session = company
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1

[profile same]
sso_session = company
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1

[profile ops]
sso_session = company
sso_account_id = 111122223333
sso_role_name = Operator
region = eu-west-1

[profile keys]
aws_access_key_id = AKIADEVDEVDEVEXAMPLE
aws_secret_access_key = s3kr1t/keys
region = eu-west-1
";

impl TestEnvironment {
    /// A home with the profiles `dev`, `same` (the same role as `dev`), `ops` and `keys`; no project yet.
    pub(crate) fn with_many_profiles() -> Self {
        let environment = Self::new();
        fs::create_dir(environment.home().join(".aws")).unwrap();
        environment.write_private(&environment.home().join(".aws/config"), CONFIG);
        environment
    }

    /// Makes a project of this name and sets it up.
    #[track_caller]
    pub(crate) fn sets_up(&self, name: &str, profile: &str, delivery: &str) -> PathBuf {
        let folder = self.makes_project(name);
        self.run_in(&folder, &["init", "--yes", "--no-verify", "--delivery", delivery, "--profile", profile])
            .succeeds();
        folder
    }

    /// Makes a project of this name.
    pub(crate) fn makes_project(&self, name: &str) -> PathBuf {
        let folder = self.root().join(name);
        copy_folder(&fixture_project("airflow3"), &folder);
        fs::write(folder.join(".env"), "").unwrap();
        folder
    }

    /// The `credentials.json` of a project's session; null where there is none, or only half of it.
    pub(crate) fn credentials_of(&self, project: &Path) -> Value {
        let name = project.file_name().unwrap().to_string_lossy().into_owned();
        let sessions = fs::read_dir(self.state().join("astro-aws/sessions")).into_iter().flatten().flatten();
        let mut folders = sessions.map(|entry| entry.path()).filter(|path| {
            let folder = path.file_name().unwrap().to_string_lossy().into_owned();
            folder.rsplit_once('-').is_some_and(|(of, _)| of == name)
        });
        let bytes = folders.next().and_then(|folder| fs::read(folder.join("credentials.json")).ok());
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// The access key of a project's session.
    pub(crate) fn key_of(&self, project: &Path) -> String {
        self.credentials_of(project)["AccessKeyId"].as_str().unwrap_or_default().to_owned()
    }
}
