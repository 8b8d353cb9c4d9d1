//! A systemd user unit (systemd.unit(5), systemd.service(5), systemd.exec(5)).

use std::fmt::Write as _;

use super::{ARGUMENTS, Carried, NAME, Runner, Service, argv};
use crate::host::paths::HostPath;
use crate::host::workstation::Host;

pub(super) fn service(host: &Host, program: &str, carried: &Carried) -> Option<Service> {
    // The XDG specification has relative paths ignored.
    let config = host.env.get("XDG_CONFIG_HOME").map(|text| HostPath::new(host.os, text));
    let config =
        config.filter(HostPath::is_absolute).or_else(|| host.home.as_ref().map(|home| home.join(".config")))?;
    let unit = format!("{NAME}.service");
    Some(Service {
        runner: Runner::Systemd,
        file: config.join("systemd/user").join(&unit),
        text: text(program, carried),
        reachable: argv(["systemctl", "--user", "show-environment"]),
        running: argv(["systemctl", "--user", "is-active", "--quiet", &unit]),
        before: Vec::new(),
        start: vec![
            argv(["systemctl", "--user", "daemon-reload"]),
            argv(["systemctl", "--user", "enable", &unit]),
            // Unlike `enable --now`, this also takes a changed file up.
            argv(["systemctl", "--user", "restart", &unit]),
        ],
        stop: vec![argv(["systemctl", "--user", "disable", "--now", &unit])],
        after_removal: vec![argv(["systemctl", "--user", "daemon-reload"])],
        look: "journalctl --user --unit astro-aws-refresh",
    })
}

fn text(program: &str, carried: &Carried) -> String {
    let arguments = ARGUMENTS.join(" ");
    let mut text = format!(
        "# Written by `astro-aws refresh --install-service`; `astro-aws refresh --uninstall-service` takes it away.\n\
         [Unit]\n\
         Description=Keeps the AWS credentials of local Airflow projects fresh (astro-aws)\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         ExecStart={} {arguments}\n\
         ExecReload=kill -HUP $MAINPID\n\
         Restart=on-failure\n\
         RestartSec=30\n\
         Nice=10\n\
         UMask=0077\n\
         NoNewPrivileges=true\n",
        quoted(program)
    );
    for (name, value) in &carried.variables {
        let _ = writeln!(text, "Environment={}", quoted(&format!("{name}={value}")));
    }
    text.push_str("\n[Install]\nWantedBy=default.target\n");
    text
}

/// A word in double quotes. `%` begins a specifier; `$` stands for itself here, since systemd expands it neither in the
/// path of a program nor in an assignment.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%"))
}
