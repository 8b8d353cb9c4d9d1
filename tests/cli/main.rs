//! The promises of the command line, kept by the real binary: a file a command, a test a promise.
//!
//! Each test makes a world of its own (`support`): home, state folder, PATH, project and a stand-in for AWS. The
//! stand-in programs are shell scripts, so this target is for Unix; Windows paths are tested where they are computed.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test: to stop with a message is how it fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod airflow;
mod bad_input;
mod bad_secrets;
mod configure;
mod configure_edits;
mod configure_keys;
mod configure_sso;
mod delivery;
mod help;
mod init;
mod install;
mod interrupted;
mod kept;
mod leaks;
mod login;
mod logout;
mod many_secrets;
mod mfa;
mod network;
mod output;
mod parallel;
mod prompts;
mod refresh;
mod refresh_all;
mod roles;
mod run;
mod secrets_backend;
mod secrets_check;
mod secrets_dag;
mod secrets_delete;
mod secrets_deploy;
mod secrets_disable;
mod secrets_enable;
mod secrets_export;
mod secrets_fetch;
mod secrets_get;
mod secrets_import;
mod secrets_list;
mod secrets_policy;
mod secrets_set;
mod service;
mod session;
mod stand_in;
mod stand_in_secrets;
mod standalone;
mod status;
mod undo;
mod verify;
mod watch;
