//! What AWS itself defines: profiles of the shared config files, the credentials they stand for, and who those are.
//!
//! The shared files come in, profiles, credentials and identities go out. Reading is the AWS SDK's; ours is
//! what the SDK does not do: names with spaces, sign-ins, MFA codes, durations, proxies and CA bundles for every call.

pub mod access;
pub mod arn;
pub mod credentials;
pub mod http;
pub mod identity;
mod lock;
pub mod policy;
pub mod profile;
pub mod python_json;
mod quoted;
pub mod secret;
pub mod secrets;
mod services;
pub mod settings;
pub mod shared_files;
pub mod sso;
mod trouble;
