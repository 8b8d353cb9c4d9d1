//! Which settings of a profile go with its credentials into a container.
//!
//! A session hands over one profile's credentials in place of the profile's own way of getting them. Everything else
//! that a DAG's boto3 would have read from the profile has to survive; nothing that names a file or program of the host does.

/// Settings that mean the same inside a container, from the AWS SDKs and Tools Reference Guide ("Settings reference").
/// Left out: what says how to get credentials, what names a host path (`ca_bundle`), and the AWS CLI's own `cli_*`.
pub const CARRIED: &[&str] = &[
    "region",
    "output",
    "account_id_endpoint_mode",
    "api_versions",
    "defaults_mode",
    "disable_request_compression",
    "endpoint_discovery_enabled",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "inject_host_prefix",
    "max_attempts",
    "parameter_validation",
    "request_checksum_calculation",
    "request_min_compression_size_bytes",
    "response_checksum_validation",
    "retry_mode",
    "s3",
    "s3_disable_express_session_auth",
    "s3_disable_multiregion_access_points",
    "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region",
    "sdk_ua_app_id",
    "services",
    "sigv4a_signing_region_set",
    "sts_regional_endpoints",
    "tcp_keepalive",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// The lines of one `[<prefix> <name>]` section of a config file, without its header: sections of one name merge.
///
/// The SDK's reader does not list the properties of `[services …]`, so they are taken over as they stand.
pub fn section_lines(text: &str, prefix: &str, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split_once(']').map_or(header, |(inside, _)| inside).trim();
            inside = header
                .split_once([' ', '\t'])
                .is_some_and(|(found_prefix, found_name)| found_prefix == prefix && found_name.trim() == name);
        } else if inside && !line.trim().is_empty() && !line.starts_with(['#', ';']) {
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_one_name_merge_and_others_stay_out() {
        let text = "[services local]\nsts =\n  endpoint_url = http://a\n# c\n\n[profile x]\nregion = r\n[services\tlocal]\ns3 =\n  endpoint_url = http://b\n[services other]\nec2 =\n";
        assert_eq!(
            section_lines(text, "services", "local"),
            ["sts =", "  endpoint_url = http://a", "s3 =", "  endpoint_url = http://b"]
        );
    }

    #[test]
    fn no_setting_that_yields_credentials_or_names_a_host_file_is_carried() {
        for setting in [
            "aws_secret_access_key",
            "credential_process",
            "source_profile",
            "role_arn",
            "sso_session",
            "ca_bundle",
            "web_identity_token_file",
            "login_session",
            "mfa_serial",
        ] {
            assert!(!CARRIED.contains(&setting), "{setting}");
        }
    }
}
