//! The kwargs of a backend on a Deployment: those of the project without what is of this machine.

use serde_json::Value;
use url::Host;

use crate::airflow::Kwargs;

/// Kwargs, and what was left out of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ForDeployment {
    /// The kwargs.
    pub(super) kwargs: Kwargs,
    /// The names of what was left out; no value is among them.
    pub(super) left_out: Vec<String>,
}

/// Takes the profile, credentials and endpoints of this machine out, at any depth (`session_kwargs`, `service_config`),
/// and puts role and region in.
pub(super) fn for_deployment(of_project: &Kwargs, role_arn: Option<&str>, region: &str) -> ForDeployment {
    let (mut kwargs, mut left_out) = (Kwargs::default(), Vec::new());
    for (key, value) in of_project.iter() {
        if is_local(key, value) {
            left_out.push(format!("`{key}`"));
        } else {
            let mut value = value.clone();
            strip(&mut value, key, &mut left_out);
            kwargs.set(key, value);
        }
    }
    if let Some(role_arn) = role_arn {
        kwargs.set("role_arn", Value::from(role_arn));
    }
    kwargs.set("region_name", Value::from(region));
    ForDeployment { kwargs, left_out }
}

fn strip(value: &mut Value, path: &str, left_out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.retain(|key, value| {
                let stays = !is_local(key, value);
                if !stays {
                    left_out.push(format!("`{path}.{key}`"));
                }
                stays
            });
            members.iter_mut().for_each(|(key, value)| strip(value, &format!("{path}.{key}"), left_out));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, path, left_out)),
        _ => {}
    }
}

/// Whether a kwarg is of this machine: its profile, anyone's static keys, an endpoint that nobody else reaches.
fn is_local(key: &str, value: &Value) -> bool {
    let key = key.to_ascii_lowercase();
    key == "profile_name" || key.starts_with("aws_") || (key == "endpoint_url" && is_here(value))
}

/// Whether an address is of this machine, or of the network of its containers.
fn is_here(value: &Value) -> bool {
    let Some(url) = value.as_str().and_then(|text| url::Url::parse(text).ok()) else { return false };
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        // Compose's services have one word as their name.
        Some(Host::Domain(name)) => {
            !name.contains('.') || name.ends_with(".localhost") || name.ends_with(".docker.internal")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, Vec<String>) {
        let role = Some("arn:aws:iam::111122223333:role/airflow");
        let ForDeployment { kwargs, left_out } = for_deployment(&Kwargs::parse(text).unwrap(), role, "eu-west-1");
        (kwargs.to_dotenv(), left_out)
    }

    /// What the kwargs hold, without role and region.
    fn kept(text: &str) -> Value {
        let mut kwargs: Value = serde_json::from_str(&of(text).0).unwrap();
        let members = kwargs.as_object_mut().unwrap();
        assert_eq!(members.remove("role_arn").unwrap(), "arn:aws:iam::111122223333:role/airflow");
        assert_eq!(members.remove("region_name").unwrap(), "eu-west-1");
        kwargs
    }

    #[test]
    fn role_and_region_come_in() {
        assert_eq!(kept("{}"), serde_json::json!({}));
        assert_eq!(kept(r#"{"region_name": "us-east-1", "role_arn": null}"#), serde_json::json!({}));
    }

    #[test]
    fn prefixes_and_patterns_stay_as_they_are() {
        let text =
            r#"{"connections_prefix": "a/b", "config_prefix": null, "sep": "-", "variables_lookup_pattern": "^x$"}"#;
        assert_eq!(kept(text), serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(of(text).1, [""; 0]);
    }

    #[test]
    fn nothing_of_this_machine_goes_to_the_deployment() {
        let text = r#"{"profile_name": "dev", "aws_access_key_id": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3kr1t",
            "aws_session_token": "s3kr1t", "endpoint_url": "http://localhost:4566", "connections_prefix": "a",
            "session_kwargs": {"profile_name": "dev", "aws_secret_access_key": "s3kr1t", "x": 1},
            "service_config": {"secretsmanager": {"endpoint_url": "http://localstack:4566"}}}"#;
        let (written, left_out) = of(text);
        assert!(!written.contains("s3kr1t") && !written.contains("AKIA") && !written.contains("4566"), "{written}");
        assert_eq!(
            kept(text),
            serde_json::json!({"connections_prefix": "a", "session_kwargs": {"x": 1}, "service_config": {"secretsmanager": {}}})
        );
        assert_eq!(left_out.len(), 8);
        assert!(!left_out.join(" ").contains("s3kr1t"), "{left_out:?}");
    }

    #[test]
    fn an_endpoint_that_the_deployment_reaches_stays() {
        for (endpoint, stays) in [
            ("https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com", true),
            ("https://secretsmanager.eu-west-1.amazonaws.com", true),
            ("http://localhost:4566", false),
            ("http://127.0.0.1:4566", false),
            ("http://[::1]:4566", false),
            ("http://host.docker.internal:4566", false),
            ("http://moto:5000", false),
            ("http://192.168.1.5:5000", false),
        ] {
            let text = serde_json::json!({"endpoint_url": endpoint}).to_string();
            assert_eq!(kept(&text).get("endpoint_url").is_some(), stays, "{endpoint}");
        }
    }
}
