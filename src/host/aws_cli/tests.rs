//! Proves how the version is read, and how the AWS CLI is found, asked and started.

use super::*;

#[test]
fn reads_the_version_of_every_kind_of_build() {
    let cases = [
        ("aws-cli/2.38.1 Python/3.13.7 Linux/6.8 source/x86_64.debian.13", Some((2, 38, 1))),
        ("aws-cli/1.45.11 Python/3.11.7 Linux/6.18 botocore/1.43.11\n", Some((1, 45, 11))),
        ("aws-cli/2.15.30 Python/3.11.8 Windows/10 exe/AMD64 prompt/off\r\n", Some((2, 15, 30))),
        ("aws-cli/2.0.0dev0 Python/3.7", Some((2, 0, 0))),
        ("aws-cli/2.1 Python/3.7", Some((2, 1, 0))),
        ("warning: old OpenSSL\naws-cli/2.9.19 Python/3.11", Some((2, 9, 19))),
        ("aws-cli/next", None),
        ("aws: command not found", None),
        ("", None),
    ];
    for (text, expected) in cases {
        let expected = expected.map(|(major, minor, patch)| AwsCliVersion { major, minor, patch });
        assert_eq!(AwsCliVersion::parse(text), expected, "{text}");
    }
}

#[test]
fn version_one_has_no_sso_and_version_two_has() {
    for (text, sso) in [("1.45.11", false), ("2.0.0", true), ("2.38.1", true)] {
        let version = AwsCliVersion::parse(&format!("aws-cli/{text}")).unwrap();
        assert_eq!(version.supports_sso(), sso, "{text}");
        assert_eq!(version.to_string(), text);
    }
}

#[cfg(unix)]
mod run {
    use super::*;
    use crate::host::{Os, stand_in};

    fn cli(folder: &Path, script: &str) -> AwsCli {
        stand_in::program(folder, "aws", script);
        let path = format!("{}:/usr/bin:/bin", folder.display());
        AwsCli::find(&Host::new(Os::Linux, Env::new(Os::Linux, [("PATH", path)]), None, "/".into())).unwrap()
    }

    fn version(script: &str, limit: Duration) -> Result<AwsCliVersion, AwsCliError> {
        let folder = tempfile::tempdir().unwrap();
        let cli = cli(folder.path(), script);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(cli.version(limit))
    }

    #[test]
    fn asks_the_program_on_the_path_for_its_version() {
        let limit = Duration::from_secs(60);
        let expected = AwsCliVersion { major: 2, minor: 38, patch: 1 };
        assert_eq!(version("[ $1 = --version ] && echo aws-cli/2.38.1 Python/3", limit).unwrap(), expected);
        assert_eq!(version("echo aws-cli/2.38.1 Python/3 >&2", limit).unwrap(), expected);
    }

    #[test]
    fn says_what_a_program_said_instead_of_its_version() {
        let error = version("echo 'ImportError: no module named awscli' >&2; exit 1", Duration::from_secs(60));
        assert!(error.unwrap_err().to_string().ends_with("ImportError: no module named awscli"));
    }

    #[test]
    fn a_program_that_hangs_does_not_hold_us_up() {
        let error = version("exec sleep 1000", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, AwsCliError::Run(RunError::TimedOut { .. })), "{error}");
    }

    #[test]
    fn the_command_line_of_a_dialogue_starts_with_the_program_that_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let cli = cli(folder.path(), "");
        let argv = |dialogue, profile| {
            let argv = cli.argv(dialogue, profile);
            assert_eq!(argv[0], folder.path().join("aws"));
            argv[1..].iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(argv(Dialogue::Configure, None), "configure");
        assert_eq!(argv(Dialogue::ConfigureSso, Some("dev")), "configure sso --profile dev");
    }
}
