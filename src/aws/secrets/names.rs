//! The names that the two services take for something new, by the rules of their API references.
//!
//! A name comes in; what is wrong with it goes out, as the end of a sentence that begins with "the name".

use super::{Service, StoreFailure};

/// The longest name of a secret (AWS Secrets Manager API Reference, CreateSecret).
const LONGEST_SECRET: usize = 512;

/// The longest ARN of a parameter, its name included (Systems Manager API Reference, PutParameter).
const LONGEST_PARAMETER_ARN: usize = 1011;

/// The parts that a parameter's path may have (Systems Manager API Reference, PutParameter).
const MOST_LEVELS: usize = 15;

/// # Errors
/// [`StoreFailure::Name`].
pub(super) fn check(service: Service, region: &str, name: &str) -> Result<(), StoreFailure> {
    wrong_with(service, region, name).map_or(Ok(()), |reason| Err(StoreFailure::Name { reason }))
}

/// Why a service does not take a name for something new, as the end of a sentence that begins with "the name"; `None`
/// where it does.
pub fn wrong_with(service: Service, region: &str, name: &str) -> Option<String> {
    match service {
        Service::SecretsManager => secret(name),
        Service::ParameterStore => parameter(region, name),
    }
}

/// True for a name that ends like a secret's ARN does, in a hyphen and six characters: asked for by a partial ARN, it is
/// taken for another one (AWS Secrets Manager API Reference, CreateSecret).
pub fn looks_like_an_arn_s_end(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, end)| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// True where a secret of this name may exist.
pub(super) fn can_be_a_secret(name: &str) -> bool {
    name.chars().all(is_secret_s)
}

/// True where a parameter of this name may exist.
pub(super) fn can_be_a_parameter(name: &str) -> bool {
    name.chars().all(is_parameter_s) && !is_reserved(name)
}

fn is_secret_s(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_+=.@-".contains(c)
}

fn is_parameter_s(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_.-".contains(c)
}

/// `aws` and `ssm` are AWS's own, in any case.
fn is_reserved(name: &str) -> bool {
    let start = name.trim_start_matches('/').get(..3).unwrap_or_default();
    start.eq_ignore_ascii_case("aws") || start.eq_ignore_ascii_case("ssm")
}

fn secret(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if let Some(c) = name.chars().find(|&c| !is_secret_s(c)) {
        return Some(format!("has {} in it, and Secrets Manager takes letters, digits and /_+=.@- alone", shown(c)));
    }
    let length = name.len();
    (length > LONGEST_SECRET)
        .then(|| format!("is {length} characters long, and Secrets Manager takes {LONGEST_SECRET} at most"))
}

fn parameter(region: &str, name: &str) -> Option<String> {
    if name.trim_matches('/').is_empty() {
        return Some("is empty".to_owned());
    }
    if let Some(c) = name.chars().find(|&c| !is_parameter_s(c)) {
        return Some(format!("has {} in it, and Parameter Store takes letters, digits and /_.- alone", shown(c)));
    }
    let path = name.strip_prefix('/');
    if path.is_none() && name.contains('/') {
        return Some("has several levels and does not begin with `/`".to_owned());
    }
    let levels: Vec<_> = path.unwrap_or(name).split('/').collect();
    if levels.contains(&"") {
        return Some("has an empty level: two slashes in a row, or one at its end".to_owned());
    }
    if levels.len() > MOST_LEVELS {
        return Some(format!("has {} levels, and Parameter Store takes {MOST_LEVELS} at most", levels.len()));
    }
    if is_reserved(name) {
        return Some("begins with `aws` or `ssm`, which Parameter Store keeps for AWS itself".to_owned());
    }
    let longest = LONGEST_PARAMETER_ARN.saturating_sub(before_the_name(region));
    (name.len() > longest)
        .then(|| format!("is {} characters long, and Parameter Store takes {longest} at most in {region}", name.len()))
}

/// How long the ARN is in front of the name: `arn:aws:ssm:eu-west-1:111122223333:parameter/`.
fn before_the_name(region: &str) -> usize {
    let partition = match region {
        of_china if of_china.starts_with("cn-") => "aws-cn",
        of_the_government if of_the_government.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:ssm:{region}:111122223333:parameter/").len()
}

/// A character as a person can see it.
fn shown(c: char) -> String {
    match c {
        ' ' => "a blank".to_owned(),
        c if c.is_control() => format!("the character U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(service: Service, name: &str) -> Option<String> {
        match check(service, "eu-west-1", name) {
            Err(StoreFailure::Name { reason }) => Some(reason),
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        }
    }

    #[test]
    fn every_legal_character_of_a_secret_is_taken_and_no_other() {
        let taken: String =
            (0..=0x17f).filter_map(char::from_u32).filter(|c| check_one(Service::SecretsManager, *c)).collect();
        assert_eq!(taken, "+-./0123456789=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    }

    #[test]
    fn every_legal_character_of_a_parameter_is_taken_and_no_other() {
        let taken: String =
            (0..=0x17f).filter_map(char::from_u32).filter(|c| check_one(Service::ParameterStore, *c)).collect();
        assert_eq!(taken, "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    }

    fn check_one(service: Service, c: char) -> bool {
        check(service, "eu-west-1", &format!("/x{c}y")).is_ok()
    }

    #[test]
    fn a_secret_s_name_ends_at_512_characters() {
        assert_eq!(reason(Service::SecretsManager, &"x".repeat(512)), None);
        assert!(reason(Service::SecretsManager, &"x".repeat(513)).unwrap().starts_with("is 513 characters long"));
        assert_eq!(reason(Service::SecretsManager, "").as_deref(), Some("is empty"));
    }

    #[test]
    fn a_parameter_s_levels_length_and_beginning_are_checked() {
        let of = |name: &str| reason(Service::ParameterStore, name);
        assert_eq!(of(&"/x".repeat(15)), None);
        assert_eq!(of("x"), None);
        assert!(of(&"/x".repeat(16)).unwrap().starts_with("has 16 levels"));
        assert!(of("a/b").unwrap().contains("does not begin with `/`"));
        for empty in ["/a//b", "/a/"] {
            assert!(of(empty).unwrap().starts_with("has an empty level"), "{empty}");
        }
        for reserved in ["/aws/x", "AWS_x", "/ssm-x", "Ssm"] {
            assert!(of(reserved).unwrap().starts_with("begins with `aws` or `ssm`"), "{reserved}");
        }
        assert_eq!(of("/my/aws"), None);
        // 1011 with `arn:aws:ssm:eu-west-1:111122223333:parameter/` in front
        assert_eq!(of(&format!("/{}", "x".repeat(965))), None);
        assert!(of(&format!("/{}", "x".repeat(966))).unwrap().starts_with("is 967 characters long"));
    }

    #[test]
    fn a_hyphen_and_six_characters_at_the_end_look_like_an_arn() {
        assert!(looks_like_an_arn_s_end("airflow/variables/my-secret"));
        for other in ["airflow/variables/my_secret", "my-secrets", "a-secr/t", "x"] {
            assert!(!looks_like_an_arn_s_end(other), "{other}");
        }
    }
}
