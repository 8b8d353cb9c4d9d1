//! `refresh --watch`: sign-ins and sessions are renewed ahead of their expiry for as long as somebody wants, whatever
//! happens meanwhile. Lifetimes are a few seconds here; what is waited for is a condition, never a time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::aws::{Failure, Latency};
use crate::support::{Background, SsoToken, TestEnvironment};

const WATCH: [&str; 3] = ["refresh", "--watch", "--all"];
const SHORT: Duration = Duration::from_secs(6);

fn signed_in() -> TestEnvironment {
    TestEnvironment::with_many_profiles().with_token(&SsoToken::of_session("company").refreshable())
}

/// Waits until the session of a project is renewed once more.
#[track_caller]
fn renews(run: &mut Background<'_>, env: &TestEnvironment, project: &Path) {
    let key = env.key_of(project);
    run.until("it renews", |_| env.key_of(project) != key);
}

#[test]
fn sessions_are_renewed_again_and_again_and_the_end_is_clean() {
    let env = signed_in();
    env.aws.set(|settings| settings.credentials_lifetime = SHORT);
    let folders = [env.sets_up("a", "dev", "session"), env.sets_up("b", "same", "session")];
    let mut run = env.in_background(&[&WATCH[..], &["--output", "json"]].concat());
    for _ in 0..3 {
        renews(&mut run, &env, &folders[0]);
    }
    run.signal(Signal::TERM);
    let report = run.ends().succeeds().json();
    assert_eq!(report["command"], "refresh");
    for (session, folder) in report["sessions"].as_array().unwrap().iter().zip(&folders) {
        assert_eq!(session["renewed"], true, "{report}");
        assert!(session["error"].is_null() && session["sign_in"]["renewable"] == true, "{report}");
        assert_eq!(session["expires_at"], env.credentials_of(folder)["Expiration"]);
    }
    assert_eq!(env.key_of(&folders[0]), env.key_of(&folders[1]), "one request serves both");
}

#[test]
fn without_a_terminal_every_event_is_a_line_with_its_time() {
    let env = signed_in();
    env.sets_up("a", "dev", "session");
    let mut run = env.in_background(&WATCH);
    run.says("renewed profile dev until ");
    run.signal(Signal::INT);
    let output = run.ends().succeeds();
    for line in output.stderr.lines() {
        let time = line.split(' ').next().unwrap();
        assert!(time.len() == 20 && time.ends_with('Z') && time.starts_with("20"), "{line}");
    }
    output.says("a: profile dev, no longer renewed");
}

#[test]
fn a_hang_up_renews_everything_at_once() {
    let env = signed_in();
    let project = env.sets_up("a", "dev", "session");
    let mut run = env.in_background_at(&project, &["refresh", "--watch"]);
    run.says("renewed profile dev");
    env.aws.forgets_calls();
    let (key, token) = (env.key_of(&project), env.cached_token("company")["accessToken"].clone());
    run.signal(Signal::HUP);
    run.until("all is renewed", |_| env.key_of(&project) != key && env.cached_token("company")["accessToken"] != token);
    run.signal(Signal::TERM);
    run.ends().succeeds();
    assert_eq!(env.aws.hits("CreateToken refresh_token"), 1);
}

#[test]
fn the_sign_in_of_a_mounted_folder_is_renewed_too() {
    let env = TestEnvironment::with_many_profiles();
    env.aws.set(|settings| settings.token_lifetime = SHORT);
    let project = {
        let env = &env;
        env.caches(&SsoToken::of_session("company"));
        env.aws.knows_portal_token(SsoToken::of_session("company").access_token());
        env.sets_up("m", "dev", "mount")
    };
    let env = env.with_token(&SsoToken::of_session("company").expires_in(SHORT).refreshable());
    let mut run = env.in_background_at(&project, &["refresh", "--watch"]);
    for _ in 0..3 {
        let token = env.cached_token("company")["accessToken"].clone();
        run.until("it renews the token", |_| env.cached_token("company")["accessToken"] != token);
    }
    run.signal(Signal::TERM);
    run.ends().succeeds();
    assert_eq!(env.aws.refusals("CreateToken"), 0);
}

#[test]
fn a_missing_sign_in_is_said_once_and_it_goes_on_when_somebody_signed_in() {
    let env = signed_in();
    let project = env.sets_up("a", "dev", "session");
    env.sets_up("b", "ops", "session");
    env.caches(&SsoToken::of_session("company").expired());
    let mut run = env.in_background(&WATCH);
    run.says("astro-aws login");
    assert_eq!(env.aws.hits("StartDeviceAuthorization") + env.aws.hits("RegisterClient"), 0);
    let key = env.key_of(&project);
    env.caches(&SsoToken::of_session("company").refreshable());
    run.until("it goes on", |_| env.key_of(&project) != key);
    run.signal(Signal::TERM);
    let output = run.ends().succeeds();
    assert_eq!(output.stderr.matches("astro-aws login").count(), 1, "{output}");
    output.says("somebody signed in to company");
}

#[test]
fn an_aws_that_does_not_answer_is_asked_again_until_it_does() {
    let env = signed_in();
    let project = env.sets_up("a", "dev", "session");
    env.aws.fails("GetRoleCredentials", Failure::Internal);
    let mut run = env.in_background(&WATCH);
    run.says("trying again in");
    let key = env.key_of(&project);
    env.aws.recovers("GetRoleCredentials");
    run.until("it renews", |_| env.key_of(&project) != key);
    run.signal(Signal::TERM);
    let report = run.ends().succeeds();
    assert_eq!(report.stderr.matches("warning:").count(), 1, "{report}");
}

#[test]
fn a_sign_in_that_cannot_be_renewed_yet_is_tried_again() {
    let env = TestEnvironment::with_many_profiles();
    let token = SsoToken::of_session("company").expires_in(Duration::from_mins(20)).refreshable();
    let env = env.with_token(&token);
    let project = env.sets_up("a", "dev", "session");
    env.aws.fails("CreateToken refresh_token", Failure::Internal);
    env.aws.set(|settings| settings.credentials_lifetime = SHORT);
    let mut run = env.in_background_at(&project, &["refresh", "--watch"]);
    run.says("renewed profile dev");
    run.signal(Signal::HUP);
    run.says("the sign-in to company could not be renewed yet; it still lasts");
    // The token is alive: what hangs on it is renewed all the same.
    renews(&mut run, &env, &project);
    env.aws.recovers("CreateToken refresh_token");
    run.says("renewed the sign-in to company until");
    assert_ne!(env.cached_token("company")["accessToken"], token.access_token());
    run.signal(Signal::TERM);
    run.ends().succeeds();
}

#[test]
fn an_end_waits_for_the_token_that_is_being_renewed() {
    let env = signed_in();
    let project = env.sets_up("a", "dev", "session");
    let mut run = env.in_background_at(&project, &["refresh", "--watch"]);
    run.says("renewed profile dev");
    env.aws.set(|settings| {
        settings.latency.insert("CreateToken refresh_token".to_owned(), Latency::of(1_500));
    });
    run.signal(Signal::HUP);
    run.until("AWS is asked", |_| env.aws.hits("CreateToken refresh_token") == 1);
    run.signal(Signal::TERM);
    run.ends().succeeds();
    // Its refresh token is used up: without the answer, the sign-in would be lost.
    assert_ne!(env.cached_token("company")["accessToken"], SsoToken::of_session("company").access_token());
    env.run_in(&project, &["refresh"]).succeeds();
}

#[test]
fn two_watchers_do_each_other_no_harm() {
    let env = TestEnvironment::with_many_profiles();
    env.aws.set(|settings| {
        settings.token_lifetime = SHORT;
        settings.credentials_lifetime = SHORT;
    });
    let env = env.with_token(&SsoToken::of_session("company").refreshable());
    let project = env.sets_up("a", "dev", "session");
    let mut watchers = [env.in_background(&WATCH), env.in_background(&WATCH)];
    for _ in 0..4 {
        renews(&mut watchers[0], &env, &project);
    }
    for run in watchers {
        run.signal(Signal::TERM);
        run.ends().succeeds().does_not_say("warning");
    }
    assert_eq!(env.aws.refusals("CreateToken"), 0);
}

#[test]
fn a_project_that_is_set_up_or_taken_back_meanwhile_is_noticed() {
    let env = signed_in();
    env.aws.set(|settings| settings.credentials_lifetime = SHORT);
    let first = env.sets_up("a", "dev", "session");
    let mut run = env.in_background(&WATCH);
    renews(&mut run, &env, &first);
    let second = env.sets_up("b", "ops", "session");
    renews(&mut run, &env, &second);
    env.run_in(&first, &["undo", "--yes"]).succeeds();
    renews(&mut run, &env, &second);
    renews(&mut run, &env, &second);
    assert!(env.credentials_of(&first).is_null(), "a session that was taken back is there again");
    run.signal(Signal::TERM);
    run.ends().succeeds();
}

#[test]
fn a_changed_profile_reaches_the_containers_without_being_asked() {
    let env = signed_in();
    let project = env.sets_up("k", "keys", "session");
    let mut run = env.in_background_at(&project, &["refresh", "--watch"]);
    run.says("renewed profile keys");
    let config = env.home().join(".aws/config");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("AKIADEVDEVDEVEXAMPLE", "AKIADEFAULTEXAMPLE01")).unwrap();
    run.until("the new key arrives", |_| env.key_of(&project) == "AKIADEFAULTEXAMPLE01");
    fs::write(&config, "no section = broken\n").unwrap();
    run.signal(Signal::HUP);
    run.says("warning:");
    run.signal(Signal::TERM);
    run.ends().succeeds();
    assert_eq!(env.key_of(&project), "AKIADEFAULTEXAMPLE01");
}

#[test]
fn on_a_terminal_one_line_tells_how_things_stand() {
    let env = signed_in();
    env.sets_up("a", "dev", "session");
    let terminal = env.on_terminal(&WATCH).asks("1 project .* dev until [0-9:]+ UTC .* next renewal in 3[0-9] min");
    terminal.interrupted().asks("no longer renewed").ends().succeeds().does_not_say("warning");
}

#[test]
fn a_sign_in_that_is_waited_for_stands_where_a_narrow_terminal_shows_it() {
    let env = signed_in().with_token(&SsoToken::of_session("company").expires_in(Duration::from_mins(5)));
    env.sets_up("a", "dev", "session");
    env.aws.ends_all_sign_ins();
    let terminal = env
        .on_terminal(&WATCH)
        .asks("login --sso-session company")
        .asks("company waits for `astro-aws login` .* 1 project");
    terminal.interrupted().ends().succeeds();
}

#[test]
fn a_project_that_is_not_set_up_is_not_watched() {
    let env = TestEnvironment::with_project("airflow3");
    env.refuses(4, &["refresh", "--watch"]).says("astro-aws init");
}
