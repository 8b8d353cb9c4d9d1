//! What `init` finds in a project stays as it is: bytes, line ends, modes, links, and what the person set by hand.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use insta::assert_snapshot;

use crate::support::{TestEnvironment, Tree};

const OWN_OVERRIDE: &str = "\
# Our override, please keep the order
services:
  webserver:   # the old UI
    ports: [\"8081:8080\"]
  scheduler:
    volumes:
      - ./certs:/etc/certs:ro   # company CA

x-notes: 'single quoted'
";

fn airflow_2_on_desktop() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow2")
}

#[test]
fn every_line_of_an_existing_override_stays_in_its_place() {
    let env = airflow_2_on_desktop();
    env.write("docker-compose.override.yml", OWN_OVERRIDE);
    env.run(&["init", "--yes"]).succeeds();
    let text = env.text("docker-compose.override.yml");
    let mut lines = text.lines();
    for line in OWN_OVERRIDE.lines() {
        assert!(lines.any(|found| found == line), "`{line}` is lost or moved in:\n{text}");
    }
    assert_eq!(text.matches(":/home/astro/.aws:ro").count(), 3, "{text}");
}

#[test]
fn every_line_of_an_existing_env_stays_and_ours_come_last() {
    let env = airflow_2_on_desktop();
    let own = "# database\nexport DB_URL='postgres://x # y'\nEMPTY=\nJSON={\"a\": \"b\"}\n\n";
    env.write(".env", own);
    env.run(&["init", "--yes"]).succeeds();
    let ours = "AWS_CONFIG_FILE=/home/astro/.aws/config\nAWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials\n";
    assert_eq!(env.text(".env"), format!("{own}{ours}"));
}

#[test]
fn a_missing_last_newline_does_not_join_two_lines() {
    let env = airflow_2_on_desktop();
    env.write(".env", "LAST=1");
    env.write("docker-compose.override.yml", "services:\n  scheduler:\n    tty: true");
    env.run(&["init", "--yes"]).succeeds();
    assert!(env.text(".env").starts_with("LAST=1\nAWS_CONFIG_FILE=/home/astro/.aws/config\n"));
    assert!(env.text("docker-compose.override.yml").starts_with("services:\n  scheduler:\n    tty: true\n    "));
}

#[test]
fn crlf_line_ends_stay_crlf() {
    let env = airflow_2_on_desktop();
    env.write("docker-compose.override.yml", OWN_OVERRIDE.replace('\n', "\r\n"));
    env.write(".env", "A=1\r\nB=2\r\n");
    env.run(&["init", "--yes"]).succeeds();
    for name in ["docker-compose.override.yml", ".env"] {
        let text = env.text(name);
        assert!(text.contains("/home/astro/.aws"), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}: {text:?}");
    }
}

#[test]
fn a_byte_order_mark_stays() {
    let env = airflow_2_on_desktop();
    env.write("docker-compose.override.yml", format!("\u{feff}{OWN_OVERRIDE}"));
    env.run(&["init", "--yes"]).succeeds();
    let text = env.text("docker-compose.override.yml");
    assert!(text.starts_with("\u{feff}# Our override"), "{text:?}");
    assert_eq!(text.matches('\u{feff}').count(), 1);
}

#[test]
fn the_mode_of_a_file_stays() {
    let env = airflow_2_on_desktop();
    env.write("docker-compose.override.yml", OWN_OVERRIDE);
    for (name, mode) in [("docker-compose.override.yml", 0o640), (".env", 0o600)] {
        fs::set_permissions(env.project().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    env.run(&["init", "--yes"]).succeeds();
    for (name, mode) in [("docker-compose.override.yml", 0o640), (".env", 0o600)] {
        let metadata = fs::metadata(env.project().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, mode, "{name}");
        assert!(env.text(name).contains("/home/astro/.aws"), "{name}");
    }
}

#[test]
fn the_owner_of_a_file_stays() {
    let env = airflow_2_on_desktop();
    let dotenv = env.project().join(".env");
    if fs::metadata(&dotenv).unwrap().uid() == 0 {
        std::os::unix::fs::chown(&dotenv, Some(12_345), Some(12_346)).unwrap();
    }
    let before = fs::metadata(&dotenv).unwrap();
    env.run(&["init", "--yes"]).succeeds();
    let after = fs::metadata(&dotenv).unwrap();
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    assert!(env.text(".env").contains("AWS_CONFIG_FILE"));
}

#[test]
fn a_symbolic_link_stays_and_its_target_is_edited() {
    let env = airflow_2_on_desktop();
    fs::create_dir(env.project().join("compose")).unwrap();
    env.write("compose/local.yml", OWN_OVERRIDE);
    symlink("compose/local.yml", env.override_file()).unwrap();
    env.run(&["init", "--yes"]).succeeds();
    assert_eq!(fs::read_link(env.override_file()).unwrap().to_string_lossy(), "compose/local.yml");
    assert_eq!(env.text("compose/local.yml").matches(":/home/astro/.aws:ro").count(), 3);
}

#[test]
fn an_own_mount_at_the_same_place_is_respected_and_reported() {
    let env = airflow_2_on_desktop();
    env.write(
        "docker-compose.override.yml",
        "services:\n  scheduler:\n    volumes:\n      - ./team-aws:/home/astro/.aws\n",
    );
    let output = env.run(&["init", "--yes", "--output", "json"]).succeeds();
    let warnings = output.json()["warnings"].to_string();
    assert!(warnings.contains("scheduler") && warnings.contains("/home/astro/.aws"), "{warnings}");
    let text = env.text("docker-compose.override.yml");
    let scheduler = text.split("  webserver:").next().unwrap();
    assert_eq!(scheduler.matches(":/home/astro/.aws").count(), 1, "{text}");
    assert!(scheduler.contains("      - ./team-aws:/home/astro/.aws\n"), "{text}");
    assert_eq!(text.matches("- $HOME/.aws:/home/astro/.aws:ro").count(), 2, "{text}");
}

#[test]
fn an_identical_mount_written_by_hand_is_not_doubled() {
    let env = airflow_2_on_desktop();
    let own =
        format!("services:\n  scheduler:\n    volumes:\n      - {}/.aws:/home/astro/.aws:ro\n", env.home().display());
    env.write("docker-compose.override.yml", &own);
    env.run(&["init", "--yes"]).succeeds();
    let text = env.text("docker-compose.override.yml");
    assert_eq!(text.matches("$HOME/.aws:/home/astro/.aws:ro").count(), 3, "{text}");
}

#[test]
fn ours_is_known_again_after_the_person_moved_it() {
    let env = airflow_2_on_desktop();
    env.run(&["init", "--yes"]).succeeds();
    // The services in another order, the keys of one of them swapped, a comment between.
    let moved = format!(
        "services:\n  triggerer:\n    environment:\n      AWS_EC2_METADATA_DISABLED: \"true\"\n    # mine\n    volumes:\n      \
         - {0}:/home/astro/.aws:ro\n  webserver:\n    volumes: [\"{0}:/home/astro/.aws:ro\"]\n    environment:\n      \
         - AWS_EC2_METADATA_DISABLED=true\n  scheduler:\n    volumes:\n      - {0}:/home/astro/.aws:ro\n    environment:\n      \
         AWS_EC2_METADATA_DISABLED: \"true\"\n",
        env.home().join(".aws").display()
    );
    env.write("docker-compose.override.yml", &moved);
    env.run(&["init", "--yes"]).succeeds();
    assert_eq!(fs::read_to_string(env.override_file()).unwrap(), moved);
}

#[test]
fn a_value_set_by_hand_is_kept_until_its_replacement_is_confirmed() {
    let env = airflow_2_on_desktop();
    env.write(".env", "AWS_CONFIG_FILE=/opt/our/config\nOTHER=1\n");
    let refusal = env.refuses(5, &["init", "--yes"]).says("--overwrite");
    refusal.says("AWS_CONFIG_FILE").says("/opt/our/config");
    env.run(&["init", "--yes", "--overwrite"]).succeeds();
    assert_snapshot!(env.text(".env"), @r"
    AWS_CONFIG_FILE=/home/astro/.aws/config
    OTHER=1
    AWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials
    ");
}

#[test]
fn a_key_in_env_is_reported_because_it_beats_every_profile() {
    let env = airflow_2_on_desktop();
    let own = "AWS_ACCESS_KEY_ID=AKIADEVDEVDEVEXAMPLE\nAWS_SECRET_ACCESS_KEY=s3kr1t/by-hand\n";
    env.write(".env", own);
    let report = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert!(report["warnings"].to_string().contains("AWS_ACCESS_KEY_ID"), "{}", report["warnings"]);
    assert!(env.text(".env").starts_with(own));
}

#[test]
fn a_file_that_docker_would_not_read_is_left_alone() {
    let env = airflow_2_on_desktop();
    env.write("docker-compose.override.yaml", OWN_OVERRIDE);
    env.run(&["init", "--yes"]).succeeds().says("docker-compose.override.yaml");
    assert_eq!(env.text("docker-compose.override.yaml"), OWN_OVERRIDE);
    assert!(env.override_file().exists());
}

#[test]
fn nothing_is_ever_written_beside_the_two_files() {
    let env = airflow_2_on_desktop();
    let mut expected = Tree::of(&env.project()).paths();
    env.run(&["init", "--yes", "--delivery", "session"]).succeeds();
    expected.push("docker-compose.override.yml".to_owned());
    expected.sort();
    let mut found = Tree::of(&env.project()).paths();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn own_mounts_of_one_service_do_not_count_for_another() {
    let env = airflow_2_on_desktop();
    let own = "services:\n  scheduler:\n    volumes:\n      - ./a:/home/astro/.aws/config\n      - ./b:/home/astro/.aws/credentials\n      - ./c:/home/astro/.aws/sso\n";
    env.write("docker-compose.override.yml", own);
    let report = env.run(&["init", "--yes", "--delivery", "session", "--output", "json"]).succeeds().json();
    assert_eq!(report["delivery"], "session", "{report}");
    assert!(env.session().join("credentials.json").exists());
}

#[test]
fn where_every_service_has_an_own_mount_no_session_is_made_that_nobody_sees() {
    let env = airflow_2_on_desktop();
    let mut own = "services:\n".to_owned();
    for service in ["scheduler", "webserver", "triggerer"] {
        own += &format!("  {service}:\n    volumes:\n      - ./team-aws:/home/astro/.aws\n");
    }
    env.write("docker-compose.override.yml", &own);
    let report = env.run(&["init", "--yes", "--delivery", "session", "--output", "json"]).succeeds().json();
    assert_eq!(report["delivery"], "mount", "{report}");
    assert!(report["delivery_reason"].as_str().unwrap().contains("mount of your own"), "{report}");
    assert!(!env.text("docker-compose.override.yml").contains("sessions/"));
}
