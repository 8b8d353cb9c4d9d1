//! astro-aws gives the containers of a local Airflow project (Astronomer's `astro dev start`) the developer's own AWS
//! identity, proves it, and can take it back.

pub mod aws;
pub mod delivery;
pub mod edit;
pub mod host;
pub mod plan;
pub mod project;
