//! Credentials from every source, against a stand-in for STS.

mod cache;
mod chain;
mod mfa;
// The programs are lines of a Unix shell.
#[cfg(unix)]
mod process;
mod source;
mod stand_in;
