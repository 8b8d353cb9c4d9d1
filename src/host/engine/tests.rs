//! Proves which engine is found, how it is asked, and how its answers are read.

mod answers;
#[cfg(unix)]
mod calls;
mod detect;
