//! What the tests of the command line stand on: an environment of their own, stand-ins for AWS and for the programs
//! on PATH, pictures of folders, and what a run gave back.

pub(crate) mod aws;
mod background;
mod browser;
mod environment;
mod output;
mod programs;
mod projects;
mod promises;
mod terminal;
mod tokens;
mod tree;
pub(crate) mod web;

pub(crate) use background::Background;
pub(crate) use environment::TestEnvironment;
pub(crate) use output::Output;
pub(crate) use programs::Probe;
pub(crate) use tokens::SsoToken;
pub(crate) use tree::Tree;
