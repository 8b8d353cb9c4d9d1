//! The promises of this room, each test named after one.

use std::path::PathBuf;

use super::*;
use crate::host::os::Env;

const LINUX: &[(&str, &str)] = &[("HOME", "/home/ana")];

fn host(os: Os, variables: &[(&str, &str)]) -> Host {
    let env = Env::new(os, variables.iter().map(|(name, value)| (*name, *value)));
    let mut host = Host::new(os, env, None, PathBuf::from(if os.is_windows() { r"C:\work" } else { "/work" }));
    host.uid = (!os.is_windows()).then_some(501);
    host
}

fn of(os: Os, variables: &[(&str, &str)], program: &str) -> Service {
    let host = host(os, variables);
    service(&host, program, &carried(&host)).unwrap()
}

/// The words of commands, a line each.
fn lines(commands: &[Argv]) -> Vec<String> {
    commands.iter().map(|argv| argv.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_systemd_unit_runs_the_watch_for_every_project() {
    let service = of(Os::Linux, &[("HOME", "/home/ana"), ("PATH", "/usr/bin:/bin")], "/home/ana/.local/bin/astro-aws");
    assert_eq!(service.file.as_str(), "/home/ana/.config/systemd/user/astro-aws-refresh.service");
    assert_eq!(
        service.text,
        "# Written by `astro-aws refresh --install-service`; `astro-aws refresh --uninstall-service` takes it away.\n\
         [Unit]\n\
         Description=Keeps the AWS credentials of local Airflow projects fresh (astro-aws)\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         ExecStart=\"/home/ana/.local/bin/astro-aws\" refresh --watch --all --no-input\n\
         ExecReload=kill -HUP $MAINPID\n\
         Restart=on-failure\n\
         RestartSec=30\n\
         Nice=10\n\
         UMask=0077\n\
         NoNewPrivileges=true\n\
         Environment=\"PATH=/usr/bin:/bin\"\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    );
    assert_eq!(
        lines(&service.start),
        [
            "systemctl --user daemon-reload",
            "systemctl --user enable astro-aws-refresh.service",
            "systemctl --user restart astro-aws-refresh.service",
        ]
    );
}

#[test]
fn blanks_quotes_percents_and_backslashes_mean_themselves_to_systemd() {
    let variables = [("HOME", "/home/ana"), ("AWS_CONFIG_FILE", r#"/my "aws"/100%/a\b/$X"#)];
    let service = of(Os::Wsl, &variables, "/my tools/astro%s-aws");
    assert!(service.text.contains("\nExecStart=\"/my tools/astro%%s-aws\" refresh"), "{}", service.text);
    let line = r#"Environment="AWS_CONFIG_FILE=/my \"aws\"/100%%/a\\b/$X""#;
    assert!(service.text.contains(line), "{}", service.text);
}

#[test]
fn the_unit_is_where_xdg_config_home_says() {
    let file = |value| of(Os::Linux, &[("HOME", "/home/ana"), ("XDG_CONFIG_HOME", value)], "/a").file.to_string();
    assert_eq!(file("/conf"), "/conf/systemd/user/astro-aws-refresh.service");
    assert_eq!(file("relative"), "/home/ana/.config/systemd/user/astro-aws-refresh.service");
}

#[test]
fn a_launchd_agent_says_the_same_in_its_own_words() {
    let variables = [("HOME", "/Users/ana"), ("AWS_CONFIG_FILE", "/my <aws> & \"co\"/ü")];
    let service = of(Os::MacOs, &variables, "/Applications/My Tools/astro-aws");
    assert_eq!(service.file.as_str(), "/Users/ana/Library/LaunchAgents/astro-aws-refresh.plist");
    for part in [
        "<key>Label</key>\n\t<string>astro-aws-refresh</string>",
        "\t\t<string>/Applications/My Tools/astro-aws</string>\n\t\t<string>refresh</string>\n\t\t<string>--watch</string>",
        "<key>AWS_CONFIG_FILE</key>\n\t\t<string>/my &lt;aws&gt; &amp; &quot;co&quot;/&#252;</string>",
        "<key>SuccessfulExit</key>\n\t\t<false/>",
        "<string>/Users/ana/Library/Logs/astro-aws-refresh.log</string>",
    ] {
        assert!(service.text.contains(part), "{part} is missing in {}", service.text);
    }
    let file = "/Users/ana/Library/LaunchAgents/astro-aws-refresh.plist";
    assert_eq!(lines(&service.before), ["launchctl bootout gui/501/astro-aws-refresh"]);
    assert_eq!(lines(&service.start)[1], format!("launchctl bootstrap gui/501 {file}"));
}

#[test]
fn a_task_runs_without_a_window_and_without_an_end() {
    let variables = [
        ("USERPROFILE", r"C:\Users\ana"),
        ("LOCALAPPDATA", r"C:\Users\ana\AppData\Local"),
        ("USERNAME", "ana"),
        ("USERDOMAIN", "R&D"),
    ];
    let service = of(Os::Windows, &variables, r"C:\Program Files\astro-aws.exe");
    assert_eq!(service.file.as_str(), r"C:\Users\ana\AppData\Local\astro-aws\service\astro-aws-refresh.xml");
    for part in [
        r"<UserId>R&amp;D\ana</UserId>",
        "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
        "<Arguments>--headless &quot;C:\\Program Files\\astro-aws.exe&quot; refresh --watch --all --no-input</Arguments>",
    ] {
        assert!(service.text.contains(part), "{part} is missing in {}", service.text);
    }
    assert!(service.text.is_ascii());
    assert_eq!(
        lines(&service.start)[0],
        format!("schtasks.exe /Create /TN astro-aws-refresh /XML {} /F", service.file)
    );
}

#[test]
fn no_variable_that_is_a_credential_goes_along() {
    let variables = [
        ("HOME", "/home/ana"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ("AWS_SESSION_TOKEN", "s3cret"),
        ("AWS_PROFILE", "dev"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "s3cret"),
    ];
    assert_eq!(carried(&host(Os::Linux, &variables)), Carried::default());
}

#[test]
fn an_address_with_a_password_stays_here_and_is_named() {
    for value in ["http://ana:s3cret@proxy:8080", "ana:s3cret@proxy:8080", "http://s3cret@proxy", "http://[ana@"] {
        let carried = carried(&host(Os::Linux, &[("HTTPS_PROXY", value), ("AWS_ENDPOINT_URL_STS", value)]));
        assert_eq!(carried.variables, [], "{value}");
        let names: Vec<_> = carried.left_out.iter().map(|left| left.name.as_str()).collect();
        assert_eq!(names, ["AWS_ENDPOINT_URL_STS", "HTTPS_PROXY"], "{value}");
    }
    let plain = carried(&host(Os::Linux, &[("HTTPS_PROXY", "http://proxy:8080"), ("https_proxy", "proxy:8080")]));
    assert_eq!(plain.variables.len(), 2);
}

#[test]
fn what_decides_where_things_are_goes_along_and_relative_paths_become_absolute() {
    let variables = [
        ("AWS_CONFIG_FILE", "aws/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/creds"),
        ("XDG_STATE_HOME", "/state"),
        ("AWS_ENDPOINT_URL", "http://aws.test"),
        ("NO_PROXY", ""),
        ("SHELL", "/bin/sh"),
    ];
    let pairs = carried(&host(Os::Linux, &variables)).variables;
    let expected = [
        ("AWS_CONFIG_FILE", "/work/aws/config"),
        ("AWS_ENDPOINT_URL", "http://aws.test"),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/creds"),
        ("XDG_STATE_HOME", "/state"),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_line_break_in_a_value_cannot_add_a_line_to_the_unit() {
    let carried = carried(&host(Os::Linux, &[("PATH", "/bin\nExecStartPre=/bin/evil")]));
    assert_eq!((carried.variables.len(), carried.left_out.len()), (0, 1));
}

#[test]
fn without_a_home_there_is_no_service() {
    for os in [Os::Linux, Os::MacOs, Os::Windows] {
        let host = host(os, &[]);
        assert_eq!(service(&host, "/a", &Carried::default()), None, "{os:?}");
    }
    assert!(service(&host(Os::Linux, LINUX), "/a", &Carried::default()).is_some());
}
