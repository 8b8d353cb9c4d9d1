//! Names of AWS's own that this program is given or makes: partitions, accounts, roles and KMS keys.
//!
//! Texts come in, checked values go out, or what is wrong with them as the end of a sentence.

use std::fmt;

/// A partition: a group of regions with accounts, ARNs and host names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    name: &'static str,
    regions: &'static str,
    suffix: &'static str,
}

/// Each partition: name, what its regions begin with, what its host names end with
/// (botocore: data/partitions.json).
const PARTITIONS: [Partition; 8] = [
    Partition { name: "aws-cn", regions: "cn-", suffix: "amazonaws.com.cn" },
    Partition { name: "aws-us-gov", regions: "us-gov-", suffix: "amazonaws.com" },
    Partition { name: "aws-eusc", regions: "eusc-", suffix: "amazonaws.eu" },
    Partition { name: "aws-iso", regions: "us-iso-", suffix: "c2s.ic.gov" },
    Partition { name: "aws-iso-b", regions: "us-isob-", suffix: "sc2s.sgov.gov" },
    Partition { name: "aws-iso-e", regions: "eu-isoe-", suffix: "cloud.adc-e.uk" },
    Partition { name: "aws-iso-f", regions: "us-isof-", suffix: "csp.hci.ic.gov" },
    AWS,
];

const AWS: Partition = Partition { name: "aws", regions: "", suffix: "amazonaws.com" };

impl Partition {
    /// The partition of a region.
    pub fn of_region(region: &str) -> Self {
        PARTITIONS.into_iter().find(|partition| region.starts_with(partition.regions)).unwrap_or(AWS)
    }

    /// The partition that an ARN names; `None` for none that is known.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let name = arn.strip_prefix("arn:")?.split(':').next()?;
        PARTITIONS.into_iter().find(|partition| partition.name == name)
    }

    /// The name, as ARNs have it: `aws`, `aws-cn`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What the host names of its services end with.
    pub fn dns_suffix(self) -> &'static str {
        self.suffix
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// What is wrong with a name, as the end of a sentence that begins with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

/// Whether a text is an account: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the form of a region: `eu-west-1`, `us-gov-east-1`.
pub fn is_region(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let ends_in_digit = text.rsplit('-').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.split('-').count() >= 3 && text.split('-').all(is_part) && ends_in_digit
}

/// Reads the ARN of a role: `arn:aws:iam::111122223333:role/path/name`.
///
/// # Errors
/// [`Malformed`].
pub fn role(text: &str) -> Result<Partition, Malformed> {
    let malformed = |reason: &str| Err(Malformed(reason.to_owned()));
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", _, service, region, account, resource] = parts[..] else {
        return malformed("is no ARN: that of a role reads `arn:aws:iam::111122223333:role/airflow`");
    };
    let Some(partition) = Partition::of_arn(text) else { return malformed("names a partition that does not exist") };
    if (service, resource.split('/').next()) == ("sts", Some("assumed-role")) {
        return malformed("is the ARN of a role's session, not of the role: `arn:aws:iam::111122223333:role/airflow`");
    }
    let Some(path) = resource.strip_prefix("role/").filter(|_| service == "iam" && region.is_empty()) else {
        return malformed("is not the ARN of a role, which reads `arn:aws:iam::111122223333:role/airflow`");
    };
    if !is_account(account) {
        return malformed("names no account: that has twelve digits");
    }
    // IAM: CreateRole, RoleName and Path.
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty()
        || name.len() > 64
        || !name.chars().all(is_of_name)
        || !path.chars().all(|c| c.is_ascii_graphic())
    {
        return malformed("ends with no name that a role can have: 1 to 64 letters, digits and `_+=,.@-`");
    }
    Ok(partition)
}

/// The ARN of a customer managed KMS key, given as such or as a key id.
///
/// # Errors
/// [`Malformed`]: also for an alias, which no policy can name, and for a key of another region, which no secret of this
/// one can be encrypted with.
pub fn kms_key(text: &str, (partition, region, account): (Partition, &str, &str)) -> Result<String, Malformed> {
    let malformed = |reason: String| Err(Malformed(reason));
    if text.contains("alias/aws/") {
        return malformed("is the key that AWS manages: it needs no permission, so leave it out".to_owned());
    }
    if text.contains("alias/") {
        return malformed(
            "is an alias, and a policy needs the key itself: `aws kms describe-key --key-id` tells its ARN".to_owned(),
        );
    }
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_id(text) {
        return Ok(format!("arn:{partition}:kms:{region}:{account}:key/{text}"));
    }
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", of_partition, "kms", of_region, of_account, key] = parts[..] else {
        return malformed(format!(
            "is neither the id of a KMS key nor its ARN: `arn:{partition}:kms:{region}:{account}:key/…`"
        ));
    };
    if of_partition != partition.name() || of_region != region {
        return malformed(format!(
            "is a key of {of_region} ({of_partition}), and the secrets are in {region} ({partition})"
        ));
    }
    if !is_account(of_account) || !key.strip_prefix("key/").is_some_and(is_id) {
        return malformed(format!(
            "is no ARN of a KMS key, which reads `arn:{partition}:kms:{region}:{account}:key/…`"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_belongs_to_its_partition() {
        for (region, name, suffix) in [
            ("eu-west-1", "aws", "amazonaws.com"),
            ("us-east-1", "aws", "amazonaws.com"),
            ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ] {
            let partition = Partition::of_region(region);
            assert_eq!((partition.name(), partition.dns_suffix()), (name, suffix), "{region}");
            assert_eq!(Partition::of_arn(&format!("arn:{name}:sts::111122223333:user/ana")), Some(partition));
        }
        assert_eq!(Partition::of_arn("arn:azure:sts::1:user/ana"), None);
    }

    #[test]
    fn roles_are_told_from_everything_else() {
        for good in
            ["arn:aws:iam::111122223333:role/airflow", "arn:aws-cn:iam::111122223333:role/team/data/air_flow+=,.@-1"]
        {
            assert!(role(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "airflow",
            "arn:aws:iam::111122223333:user/ana",
            "arn:aws:iam::1111:role/airflow",
            "arn:aws:iam:eu-west-1:111122223333:role/airflow",
            "arn:aws:sts::111122223333:assumed-role/airflow/session",
            "arn:gcp:iam::111122223333:role/airflow",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/air flow",
            "arn:aws:iam::111122223333:role/a\"b",
            "arn:aws:iam::111122223333:role",
        ] {
            assert!(role(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_is_named_by_its_arn() {
        let place = (Partition::of_region("eu-west-1"), "eu-west-1", "111122223333");
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(kms_key("1234abcd-12ab-34cd-56ef-1234567890ab", place).unwrap(), arn);
        assert_eq!(kms_key(arn, place).unwrap(), arn);
        let of_another_account = "arn:aws:kms:eu-west-1:999988887777:key/mrk-1234";
        assert_eq!(kms_key(of_another_account, place).unwrap(), of_another_account);
        for bad in [
            "",
            "alias/airflow",
            "alias/aws/secretsmanager",
            "arn:aws:kms:us-east-1:111122223333:key/1234",
            "arn:aws:kms:eu-west-1:111122223333:alias/airflow",
            "arn:aws:kms:eu-west-1:1:key/1234",
            "arn:aws:s3:::bucket",
            "a*",
        ] {
            assert!(kms_key(bad, place).is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_have_a_form() {
        for good in ["eu-west-1", "us-gov-east-1", "ap-southeast-4", "eusc-de-east-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "eu", "eu-west", "EU-west-1", "eu west 1", "eu-west-1*", "$REGION"] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
