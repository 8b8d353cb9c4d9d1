//! What AWS itself defines: profiles of the shared config files, the credentials they stand for, and who those are.
//!
//! The shared files come in, profiles, credentials and identities go out. Reading and resolving is the AWS SDK's; ours
//! is what the SDK does not do: names with spaces, what a profile depends on, proxies and CA bundles for every call.

pub mod credentials;
pub mod http;
pub mod identity;
pub mod profile;
mod quoted;
pub mod settings;
