//! A launchd agent (launchd.plist(5)).

use std::fmt::Write as _;

use super::xml::escaped;
use super::{ARGUMENTS, Carried, NAME, Runner, Service, argv};
use crate::host::workstation::Host;

pub(super) fn service(host: &Host, program: &str, carried: &Carried) -> Option<Service> {
    let home = host.home.as_ref()?;
    let file = home.join("Library/LaunchAgents").join(&format!("{NAME}.plist"));
    let domain = format!("gui/{}", host.uid?);
    let target = format!("{domain}/{NAME}");
    let log = home.join("Library/Logs").join(&format!("{NAME}.log"));
    Some(Service {
        runner: Runner::Launchd,
        text: text(program, carried, log.as_str()),
        reachable: argv(["launchctl", "print", &domain]),
        running: argv(["launchctl", "print", &target]),
        // A service that is loaded already cannot be loaded again.
        before: vec![argv(["launchctl", "bootout", &target])],
        start: vec![argv(["launchctl", "enable", &target]), argv(["launchctl", "bootstrap", &domain, file.as_str()])],
        stop: vec![argv(["launchctl", "bootout", &target])],
        after_removal: Vec::new(),
        file,
        look: "~/Library/Logs/astro-aws-refresh.log",
    })
}

fn text(program: &str, carried: &Carried, log: &str) -> String {
    let mut text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by astro-aws: its option install-service. -->
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>{NAME}</string>
	<key>ProgramArguments</key>
	<array>
		<string>{}</string>
"#,
        escaped(program)
    );
    for argument in ARGUMENTS {
        let _ = writeln!(text, "\t\t<string>{argument}</string>");
    }
    text.push_str("\t</array>\n\t<key>EnvironmentVariables</key>\n\t<dict>\n");
    for (name, value) in &carried.variables {
        let _ = writeln!(text, "\t\t<key>{}</key>\n\t\t<string>{}</string>", escaped(name), escaped(value));
    }
    let _ = write!(
        text,
        "\t</dict>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ThrottleInterval</key>
	<integer>30</integer>
	<key>ProcessType</key>
	<string>Background</string>
	<key>Umask</key>
	<integer>63</integer>
	<key>StandardErrorPath</key>
	<string>{}</string>
</dict>
</plist>
",
        escaped(log)
    );
    text
}
