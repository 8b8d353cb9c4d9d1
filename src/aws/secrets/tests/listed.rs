//! Lists: page by page, exactly by their beginning, without decrypting.

use serde_json::{Value, json};

use super::stand_in::{Aws, refusal, wait_for};
use crate::aws::secrets::{Entry, Service, Store, StoreFailure};

fn listed(store: &Store, beginning: &str) -> (Vec<Vec<Entry>>, Result<(), StoreFailure>) {
    let mut pages = Vec::new();
    let result = wait_for(store.list(beginning, |page| pages.push(page)));
    (pages, result)
}

fn names(pages: &[Vec<Entry>]) -> Vec<&str> {
    pages.iter().flatten().map(|entry| entry.name.as_str()).collect()
}

/// So many pages, each of which holds the names that it is given.
fn pages(key: &'static str, count: usize, of_page: impl Fn(usize) -> Vec<Value> + Send + 'static) -> Aws {
    Aws::answering(move |_, body| {
        let page: usize = body["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let next = (page + 1 < count).then(|| (page + 1).to_string());
        (200, json!({key: of_page(page), "NextToken": next}))
    })
}

#[test]
fn five_thousand_secrets_come_a_page_at_a_time() {
    let aws = pages("SecretList", 50, |page| {
        (0..100)
            .map(|index| json!({"Name": format!("airflow/variables/{page}-{index}"), "LastChangedDate": 1_800_000_000}))
            .collect()
    });
    let (pages, result) = listed(&aws.store(Service::SecretsManager), "airflow/variables/");
    assert_eq!((result, pages.len(), names(&pages).len()), (Ok(()), 50, 5000));
    let filter = json!([{"Key": "name", "Values": ["airflow/variables/"]}]);
    assert!(
        aws.calls()
            .iter()
            .all(|(action, body)| action == "ListSecrets" && body["MaxResults"] == 100 && body["Filters"] == filter)
    );
}

#[test]
fn what_aws_s_filter_by_words_lets_through_is_left_out() {
    let aws = pages("SecretList", 1, |_| {
        vec![
            json!({"Name": "airflow/variables/a", "KmsKeyId": "alias/mine"}),
            json!({"Name": "my/airflow/variables/b"}),
            json!({"Name": "airflow/variables-old/c"}),
            json!({"Name": "airflow/variables/d", "DeletedDate": 1_800_000_000}),
        ]
    });
    let (pages, _) = listed(&aws.store(Service::SecretsManager), "airflow/variables/");
    assert_eq!(names(&pages), ["airflow/variables/a"]);
    assert_eq!(pages[0][0].kms_key_id.as_deref(), Some("alias/mine"));
}

#[test]
fn parameters_are_described_and_not_decrypted() {
    let aws = pages("Parameters", 3, |page| {
        // A page may be empty although more follow.
        let name = format!("/airflow/variables/{page}");
        if page == 1 {
            vec![]
        } else {
            vec![json!({"Name": name, "KeyId": "alias/aws/ssm", "LastModifiedDate": 1_800_000_000.25})]
        }
    });
    let (pages, result) = listed(&aws.store(Service::ParameterStore), "/airflow/variables/");
    assert_eq!((result, names(&pages)), (Ok(()), vec!["/airflow/variables/0", "/airflow/variables/2"]));
    assert_eq!(pages[0][0].kms_key_id, None);
    assert!(pages[0][0].changed.is_some());
    let filter = json!([{"Key": "Path", "Option": "Recursive", "Values": ["/airflow/variables"]}]);
    assert!(
        aws.calls().iter().all(|(action, body)| action == "DescribeParameters" && body["ParameterFilters"] == filter)
    );
}

#[test]
fn names_outside_any_path_are_listed_too() {
    for (service, key) in [(Service::SecretsManager, "SecretList"), (Service::ParameterStore, "Parameters")] {
        let aws = pages(key, 1, |_| vec![json!({"Name": "plain"}), json!({"Name": "/a/b"})]);
        let store = aws.store(service);
        assert_eq!(names(&listed(&store, "").0), ["plain", "/a/b"]);
        assert_eq!(names(&listed(&store, "/").0), ["/a/b"]);
        assert!(aws.calls().iter().all(|(_, body)| body.get("ParameterFilters").is_none()));
    }
}

#[test]
fn under_a_beginning_that_no_name_can_have_nothing_is_asked_for() {
    let aws = Aws::answering(|_, _| refusal("ValidationException", ""));
    for (service, beginning) in [(Service::SecretsManager, "my secrets/"), (Service::ParameterStore, "/ssm/")] {
        assert_eq!(listed(&aws.store(service), beginning), (vec![], Ok(())));
    }
    assert!(aws.calls().is_empty());
}

#[test]
fn a_failure_comes_after_the_pages_before_it() {
    let aws = Aws::answering(|_, body| match body["NextToken"].as_str() {
        None => (200, json!({"SecretList": [{"Name": "a"}], "NextToken": "1"})),
        Some(_) => refusal("AccessDeniedException", ""),
    });
    let (pages, result) = listed(&aws.store(Service::SecretsManager), "");
    assert_eq!(names(&pages), ["a"]);
    let denied = StoreFailure::Denied { action: "secretsmanager:ListSecrets".into(), resource: "*".into() };
    assert_eq!(result, Err(denied));
}

#[test]
fn a_throttled_page_is_asked_for_again_and_no_entry_comes_twice() {
    let mut throttled = false;
    let aws = Aws::answering(move |_, body| {
        throttled = !throttled;
        match (throttled, body["NextToken"].as_str()) {
            (true, _) => refusal("ThrottlingException", "Rate exceeded"),
            (_, None) => (200, json!({"Parameters": [{"Name": "/a"}], "NextToken": "1"})),
            _ => (200, json!({"Parameters": [{"Name": "/b"}]})),
        }
    });
    assert_eq!(names(&listed(&aws.store(Service::ParameterStore), "/").0), ["/a", "/b"]);
}

#[test]
fn a_list_that_goes_in_circles_ends() {
    let aws = Aws::answering(|_, _| (200, json!({"SecretList": [], "NextToken": "again"})));
    let (_, result) = listed(&aws.store(Service::SecretsManager), "");
    assert!(matches!(result, Err(StoreFailure::Network(_))), "{result:?}");
}
