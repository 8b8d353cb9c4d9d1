//! What Airflow defines about secrets: its AWS backends and their kwargs, the names they look up, connections, and what
//! DAGs name.
//!
//! Texts come in, texts and names go out: nothing here calls AWS, reads a file or knows of the project around it. The rules
//! are those of apache/airflow, cited by file where they surprise.

pub mod backend;
pub mod configured;
pub mod connection;
pub mod example_dag;
pub mod exchange;
pub mod findings;
pub mod kwargs;
pub mod naming;
mod pattern;
mod python;
pub mod references;

pub use backend::{Backend, Kind};
pub use configured::Configured;
pub use kwargs::{Kwargs, KwargsError};
pub use naming::{LookUp, Naming};
