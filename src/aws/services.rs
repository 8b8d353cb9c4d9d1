//! `[services …]` sections, made readable for the SDK.
//!
//! The shared files name a service `sso_oidc` (botocore: `transform_service_id`), the Rust SDK looks for `sso-oidc`
//! (aws-runtime: `env_config.rs`, `format_service_id_for_profile`), and would call AWS itself where a person has set an
//! endpoint. The text of `config` comes in; the same text with the SDK's names, line for line, goes out.

use std::borrow::Cow;

/// The text as the SDK can read it.
pub(super) fn for_sdk(config: &str) -> Cow<'_, str> {
    if !config.contains("[services") {
        return Cow::Borrowed(config);
    }
    let mut in_services = false;
    let lines = config.split_inclusive('\n').map(|line| {
        if let Some(header) = line.strip_prefix('[') {
            in_services = header.trim_start().starts_with("services");
        }
        match line.split_once('=') {
            // What is indented belongs to a service, and has names of its own.
            Some((service, rest)) if in_services && !line.starts_with([' ', '\t', '[', '#', ';']) => {
                Cow::Owned(format!("{}={rest}", service.replace('_', "-")))
            }
            _ => Cow::Borrowed(line),
        }
    });
    Cow::Owned(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::for_sdk;

    #[test]
    fn services_get_the_names_the_sdk_looks_for() {
        let config = "[profile my_dev]\r\nmy_key = a_b\r\nservices = my_near\r\n[services my_near]\r\n# sso_oidc =\r\nsso_oidc =\r\n  endpoint_url = http://a_b\r\nssm=\r\n  endpoint_url = x\r\n[profile b]\r\nrole_arn = x\r\n";
        assert_eq!(for_sdk(config), config.replace("\r\nsso_oidc", "\r\nsso-oidc"));
    }

    #[test]
    fn a_text_without_services_stays_as_it_is() {
        let config = "[default]\nsso_oidc =\n  endpoint_url = x\n";
        assert_eq!(for_sdk(config), config);
    }
}
