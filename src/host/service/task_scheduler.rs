//! A task of the Windows Task Scheduler (Task Scheduler Schema, `schtasks /Create /XML`).
//!
//! A task has no environment of its own: it sees what is set for the account, not what is set in one shell.

use super::xml::escaped;
use super::{ARGUMENTS, NAME, Runner, Service, argv};
use crate::host::workstation::{Host, state_dir};

pub(super) fn service(host: &Host, program: &str) -> Option<Service> {
    let file = state_dir(host)?.join("service").join(&format!("{NAME}.xml"));
    let name = host.env.get("USERNAME")?;
    let user = host.env.get("USERDOMAIN").map_or_else(|| name.to_owned(), |domain| format!(r"{domain}\{name}"));
    Some(Service {
        runner: Runner::TaskScheduler,
        text: text(program, &user),
        reachable: argv(["schtasks.exe", "/Query", "/FO", "LIST", "/TN", r"\"]),
        running: argv(["schtasks.exe", "/Query", "/TN", NAME]),
        before: vec![argv(["schtasks.exe", "/End", "/TN", NAME])],
        start: vec![
            argv(["schtasks.exe", "/Create", "/TN", NAME, "/XML", file.as_str(), "/F"]),
            argv(["schtasks.exe", "/Run", "/TN", NAME]),
        ],
        stop: vec![argv(["schtasks.exe", "/End", "/TN", NAME]), argv(["schtasks.exe", "/Delete", "/TN", NAME, "/F"])],
        after_removal: Vec::new(),
        file,
        look: "schtasks /Query /TN astro-aws-refresh /V /FO LIST",
    })
}

/// The declaration names no encoding and the text is ASCII, so that it means the same however schtasks reads it.
/// conhost runs the program without a window, which a task of the person's own session would otherwise open.
fn text(program: &str, user: &str) -> String {
    let user = escaped(user);
    let arguments = escaped(&format!("--headless \"{program}\" {}", ARGUMENTS.join(" ")));
    format!(
        r#"<?xml version="1.0"?>
<!-- Written by astro-aws: its option install-service. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Keeps the AWS credentials of local Airflow projects fresh (astro-aws)</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>conhost.exe</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#
    )
}
