//! The two AWS secrets backends of Airflow's amazon provider, and what can be looked up in them.

/// The variable that names the backend's class.
pub const BACKEND_VARIABLE: &str = "AIRFLOW__SECRETS__BACKEND";
/// The variable that holds its kwargs as a JSON object.
pub const KWARGS_VARIABLE: &str = "AIRFLOW__SECRETS__BACKEND_KWARGS";
/// What variables with one kwarg each begin with (Airflow 3.2 and newer).
pub const KWARG_VARIABLE_PREFIX: &str = "AIRFLOW__SECRETS__BACKEND_KWARG__";

/// The variable that gives tasks of Airflow 3 another backend than the rest of Airflow.
pub const WORKERS_BACKEND_VARIABLE: &str = "AIRFLOW__WORKERS__SECRETS_BACKEND";

/// A secrets backend of the amazon provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Systems Manager Parameter Store.
    ParameterStore,
}

/// What Airflow looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A connection.
    Connection,
    /// A variable.
    Variable,
    /// An option of Airflow's own configuration.
    Config,
}

impl Kind {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Connection, Self::Variable, Self::Config];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Variable => "variable",
            Self::Config => "config",
        }
    }

    /// The kwarg with what its names begin with.
    pub fn prefix_key(self) -> &'static str {
        match self {
            Self::Connection => "connections_prefix",
            Self::Variable => "variables_prefix",
            Self::Config => "config_prefix",
        }
    }

    /// The kwarg with the pattern that ids have to match.
    pub fn pattern_key(self) -> &'static str {
        match self {
            Self::Connection => "connections_lookup_pattern",
            Self::Variable => "variables_lookup_pattern",
            Self::Config => "config_lookup_pattern",
        }
    }

    /// The prefix where the kwargs name none.
    pub fn default_prefix(self, backend: Backend) -> &'static str {
        match (backend, self) {
            (Backend::SecretsManager, Self::Connection) => "airflow/connections",
            (Backend::SecretsManager, Self::Variable) => "airflow/variables",
            (Backend::SecretsManager, Self::Config) => "airflow/config",
            (Backend::ParameterStore, Self::Connection) => "/airflow/connections",
            (Backend::ParameterStore, Self::Variable) => "/airflow/variables",
            (Backend::ParameterStore, Self::Config) => "/airflow/config",
        }
    }
}

impl Backend {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::SecretsManager, Self::ParameterStore];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecretsManager => "secrets-manager",
            Self::ParameterStore => "parameter-store",
        }
    }

    /// The name that AWS gives the service.
    pub fn title(self) -> &'static str {
        match self {
            Self::SecretsManager => "AWS Secrets Manager",
            Self::ParameterStore => "SSM Parameter Store",
        }
    }

    /// The class, as AIRFLOW__SECRETS__BACKEND names it.
    pub fn class_path(self) -> &'static str {
        match self {
            Self::SecretsManager => "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
            Self::ParameterStore => {
                "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend"
            }
        }
    }

    /// The backend of a class; `None` for any other.
    pub fn of_class_path(class: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.class_path() == class)
    }
}
