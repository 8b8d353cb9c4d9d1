//! The questions of a device, in a time that is told and not waited for.

use std::collections::VecDeque;

use super::*;
use crate::aws::secret::AccessToken;
use crate::aws::sso::sign_in::SignInFailure;
use crate::aws::sso::wire::{NOW, at, run};

fn token() -> Token {
    Token { access_token: AccessToken::new("new"), expires_at: at(NOW + 3600), refresh_token: None, registration: None }
}

fn refused(code: Code) -> Result<Token, Failure> {
    Err(Failure::Refused(code))
}

fn lost() -> Result<Token, Failure> {
    Err(Failure::Network { reason: "connection refused".to_owned() })
}

/// What came of it, and how many seconds each question was waited for; the last answer is given for ever.
fn polled(answers: Vec<Result<Token, Failure>>) -> (Result<Token, Stopped>, Vec<u64>) {
    let mut answers = VecDeque::from(answers);
    let mut waited = Vec::new();
    let ask = async || if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
    let wait = async |time: Duration| waited.push(time.as_secs());
    let result = run(poll(Duration::from_secs(5), Duration::from_secs(60), wait, ask));
    (result, waited)
}

#[test]
fn it_asks_at_the_interval_until_the_person_has_signed_in() {
    let (result, waited) = polled(vec![refused(Code::Pending), refused(Code::Pending), Ok(token())]);
    assert_eq!(result.unwrap(), token());
    assert_eq!(waited, [5, 5, 5]);
}

#[test]
fn slow_down_adds_five_seconds_for_good() {
    let (result, waited) =
        polled(vec![refused(Code::SlowDown), refused(Code::SlowDown), refused(Code::Pending), Ok(token())]);
    assert_eq!(result.unwrap(), token());
    assert_eq!(waited, [5, 10, 15, 15]);
}

#[test]
fn it_ends_when_the_code_does() {
    let (result, waited) = polled(vec![refused(Code::Pending)]);
    assert!(matches!(result, Err(Stopped::Failed(SignInFailure::TimedOut { minutes: 1 }))), "{result:?}");
    assert_eq!(waited.iter().sum::<u64>(), 60);
    let (result, waited) = polled(vec![refused(Code::Pending), refused(Code::Expired)]);
    assert!(matches!(result, Err(Stopped::Failed(SignInFailure::TimedOut { .. }))), "{result:?}");
    assert_eq!(waited, [5, 5]);
}

#[test]
fn it_ends_when_the_person_says_no() {
    let (result, waited) = polled(vec![refused(Code::Pending), refused(Code::Denied)]);
    assert!(matches!(result, Err(Stopped::Refused(Code::Denied))), "{result:?}");
    assert_eq!(waited, [5, 5]);
}

#[test]
fn lost_questions_are_asked_again_but_not_for_ever() {
    let (result, waited) = polled(vec![lost(), lost(), refused(Code::Pending), lost(), lost(), Ok(token())]);
    assert_eq!(result.unwrap(), token());
    assert_eq!(waited.len(), 6);
    let (result, waited) = polled(vec![lost()]);
    assert!(matches!(result, Err(Stopped::Failed(SignInFailure::Network { .. }))), "{result:?}");
    assert_eq!(waited.len(), 3);
}
