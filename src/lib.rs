//! astro-aws gives the containers of a local Airflow project (Astronomer's `astro dev start`) the developer's own AWS
//! identity, proves it, and can take it back.
//!
//! The rooms, from the top down; each imports from those below it alone:
//!
//! - [`commands`] orchestrates, a file a command; [`cli`] defines their arguments, [`report`] says what came of them.
//! - [`delivery`] decides how a profile reaches the containers and which entries make it so.
//! - [`project`] knows Astro projects, [`aws`] knows profiles, credentials and identities, [`host`] the workstation.
//! - [`airflow`] knows what Airflow says about secrets: backends, names, connections, references in DAGs.
//! - [`edit`] changes files and keeps every other byte, [`plan`] applies changes all or none and takes them back.

pub mod airflow;
pub mod aws;
pub mod cli;
pub mod commands;
pub mod delivery;
pub mod edit;
pub mod host;
pub mod plan;
pub mod project;
pub mod report;
