//! Proves that settings are read as the Astro CLI reads them, and that damaged files are named.

use std::fs;

use super::*;
use crate::host::{Env, Os};

struct Files(tempfile::TempDir);

impl Files {
    fn new(project: &str, user: Option<&str>) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        fs::create_dir(files.0.path().join(".astro")).unwrap();
        fs::write(files.project(), project).unwrap();
        if let Some(user) = user {
            fs::write(files.user(), user).unwrap();
        }
        files
    }

    fn project(&self) -> PathBuf {
        self.0.path().join(".astro/config.yaml")
    }

    fn user(&self) -> PathBuf {
        self.0.path().join("user.yaml")
    }

    fn read(&self) -> Result<Settings, SettingsError> {
        Settings::read(self.0.path(), Some(&self.user()))
    }
}

fn settings(project: &str, user: Option<&str>) -> Settings {
    Files::new(project, user).read().unwrap()
}

/// Name, mode and binary.
fn values(settings: &Settings) -> (Option<&str>, DevMode, Option<&str>) {
    (settings.project_name.as_deref(), settings.dev_mode, settings.container_binary.as_deref())
}

#[test]
fn keys_are_read_in_every_form_that_the_astro_cli_reads() {
    let all = (Some("demo"), DevMode::Standalone, Some("podman"));
    let forms = [
        "project:\n  name: demo\ndev:\n  mode: standalone\ncontainer:\n  binary: podman\n",
        "project.name: demo\ndev.mode: standalone\ncontainer.binary: podman\n",
        "PROJECT:\n  Name: demo\nDev.Mode: standalone\nContainer: {Binary: podman}\n",
        "{project: {name: demo}, dev: {mode: standalone}, container: {binary: podman}}",
        "# comment\r\nproject:\r\n    name: \"demo\"\r\ndev.mode: standalone\r\ncontainer.binary: podman\r\n",
        "\u{feff}project: {name: demo}\ndev: {mode: standalone}\ncontainer: {binary: podman}\n",
        "---\nproject.name: demo\ndev.mode: standalone\ncontainer.binary: podman\n---\nproject.name: other\n",
        "x: &x {binary: podman}\nproject: {name: demo}\ndev: {mode: standalone}\ncontainer: {<<: *x}\n",
    ];
    for form in forms {
        assert_eq!(values(&settings(form, None)), all, "{form}");
    }
}

#[test]
fn the_dotted_form_goes_before_the_nested_one() {
    let settings = settings("dev:\n  mode: docker\ndev.mode: standalone\n", None);
    assert_eq!(settings.dev_mode, DevMode::Standalone);
}

#[test]
fn the_projects_file_goes_before_the_user_wide_one() {
    let user = Some("project: {name: other}\ndev: {mode: standalone}\ncontainer: {binary: podman}\n");
    let cases = [
        ("", (Some("other"), DevMode::Standalone, Some("podman"))),
        ("project: {name: demo}", (Some("demo"), DevMode::Standalone, Some("podman"))),
        ("dev: {mode: docker}", (Some("other"), DevMode::Docker, Some("podman"))),
        ("container: {binary: docker}", (Some("other"), DevMode::Standalone, Some("docker"))),
        // Viper takes an empty value for set, and null for unset.
        ("container: {binary: ''}", (Some("other"), DevMode::Standalone, None)),
        ("container: {binary: null}", (Some("other"), DevMode::Standalone, Some("podman"))),
    ];
    for (project, expected) in cases {
        assert_eq!(values(&settings(project, user)), expected, "{project}");
    }
}

#[test]
fn a_mode_that_the_astro_cli_does_not_know_is_docker() {
    for text in ["", "dev: {mode: docker}", "dev: {mode: Standalone}", "dev: {mode: ''}", "dev: standalone", "dev: [x]"]
    {
        assert_eq!(settings(text, None).dev_mode, DevMode::Docker, "{text}");
    }
}

#[test]
fn a_name_may_look_like_a_number() {
    assert_eq!(settings("project: {name: 2024}", None).project_name.as_deref(), Some("2024"));
}

#[test]
fn a_malformed_file_is_named_with_its_line() {
    let cases = [("project:\n  name: demo\n  - x\n", 3), ("a: 1\nb: \"open\n", 3), ("- project\n", 1)];
    for (text, line) in cases {
        let files = Files::new(text, None);
        let message = files.read().unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}:{line}: ", files.project().display())), "{message}");
    }
    let files = Files::new("", None);
    fs::write(files.project(), b"project:\n  name: caf\xe9\n").unwrap();
    assert_eq!(files.read().unwrap_err().to_string(), format!("{}:2: it is not UTF-8", files.project().display()));
}

#[test]
fn a_key_that_stands_twice_is_named() {
    let files = Files::new("project:\n  name: a\n  name: b\n", None);
    let message = files.read().unwrap_err().to_string();
    assert!(message.contains("duplicate") && message.contains("\"name\""), "{message}");
}

#[test]
fn a_folder_in_the_files_place_and_a_huge_file_are_refused() {
    let files = Files::new("", None);
    fs::write(files.project(), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert!(files.read().unwrap_err().to_string().ends_with("it is larger than 1 MiB"));
    fs::remove_file(files.project()).unwrap();
    fs::create_dir(files.project()).unwrap();
    assert!(matches!(files.read(), Err(SettingsError::Unreadable { .. })));
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", ")));
    }
    assert!(matches!(Files::new(&text, None).read(), Err(SettingsError::Malformed { .. })));
}

#[test]
fn trouble_with_the_user_wide_file_is_kept_and_does_not_stop_us() {
    let settings = settings("project: {name: demo}", Some("a: [\n"));
    assert_eq!(settings.project_name.as_deref(), Some("demo"));
    assert!(matches!(settings.user_config_error, Some(SettingsError::Malformed { line: Some(_), .. })));
    assert!(Files::new("", None).read().unwrap().user_config_error.is_none(), "a missing one is no trouble");
}

#[test]
fn the_user_wide_file_follows_astro_home() {
    let path = |os, variables: &[(&str, &str)]| {
        let host = Host::new(os, Env::new(os, variables.iter().copied()), None, "/".into());
        user_config(&host).map(|path| path.as_str().to_owned())
    };
    assert_eq!(path(Os::Linux, &[("HOME", "/h")]).as_deref(), Some("/h/.astro/config.yaml"));
    assert_eq!(path(Os::Linux, &[("HOME", "/h"), ("ASTRO_HOME", "/a")]).as_deref(), Some("/a/.astro/config.yaml"));
    assert_eq!(path(Os::Windows, &[("USERPROFILE", r"C:\h")]).as_deref(), Some(r"C:\h\.astro\config.yaml"));
    assert_eq!(path(Os::Linux, &[]), None);
}
