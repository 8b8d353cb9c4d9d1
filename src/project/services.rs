//! Which services of a local Airflow project run Airflow code, and as whom.
//!
//! In: the Airflow version. Out: exactly the services that this version's compose file has and that get an AWS
//! identity (astronomer/astro-cli:airflow/include/airflow2 and airflow3, composeyml.go.tmpl). One service too many in
//! an override is fatal to `astro dev start`, so the table is not a guess. The database and `db-migration` are not
//! in it: they run no DAG.

use super::runtime::Airflow;

/// Where the AWS folder appears inside the containers: botocore looks for the SSO cache under the home alone.
pub const CONTAINER_AWS_FOLDER: &str = "/home/astro/.aws";

/// The user id that Airflow's services run as (`user: astro`).
pub const CONTAINER_UID: u32 = 50_000;

/// The group ids of that user.
pub const CONTAINER_GIDS: &[u32] = &[0];

impl Airflow {
    /// The services that run Airflow code in a project of this version.
    pub fn services(self) -> &'static [&'static str] {
        match self {
            Self::Two { triggerer: false } => &["scheduler", "webserver"],
            Self::Two { triggerer: true } => &["scheduler", "webserver", "triggerer"],
            Self::Three => &["scheduler", "api-server", "dag-processor", "triggerer"],
        }
    }
}

impl Airflow {
    /// Whether the project's own compose file has this service. An override that names another one without giving it
    /// an image stops `astro dev start`.
    pub fn has_service(self, name: &str) -> bool {
        self.services().contains(&name) || name == "postgres" || (self == Self::Three && name == "db-migration")
    }
}

/// Whether a service of this name runs Airflow code in any version.
pub fn is_airflow_service(name: &str) -> bool {
    [Airflow::Two { triggerer: true }, Airflow::Three].into_iter().any(|airflow| airflow.services().contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_exactly_its_own_services() {
        assert_eq!(Airflow::Two { triggerer: false }.services(), ["scheduler", "webserver"]);
        assert_eq!(Airflow::Two { triggerer: true }.services(), ["scheduler", "webserver", "triggerer"]);
        assert_eq!(Airflow::Three.services(), ["scheduler", "api-server", "dag-processor", "triggerer"]);
    }

    #[test]
    fn neither_database_nor_migration_gets_an_identity() {
        for airflow in [Airflow::Two { triggerer: false }, Airflow::Two { triggerer: true }, Airflow::Three] {
            let services = airflow.services();
            assert!(!services.contains(&"postgres") && !services.contains(&"db-migration"), "{airflow:?}");
        }
    }

    #[test]
    fn a_project_has_its_own_services_beside_those_of_airflow() {
        let two = Airflow::Two { triggerer: false };
        assert!(two.has_service("webserver") && two.has_service("postgres"));
        assert!(!two.has_service("triggerer") && !two.has_service("db-migration"));
        assert!(Airflow::Three.has_service("db-migration") && !Airflow::Three.has_service("webserver"));
        assert!(is_airflow_service("webserver") && !is_airflow_service("db-migration"));
    }

    #[test]
    fn the_aws_folder_lies_in_the_containers_home() {
        assert_eq!(CONTAINER_AWS_FOLDER.strip_prefix("/home/astro"), Some("/.aws"));
    }
}
