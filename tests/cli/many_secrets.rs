//! Thousands of secrets: all of them are there, in few calls, and memory does not grow with their values.

use crate::support::TestEnvironment;

const MANY: usize = 5_000;
/// By so much may 40 MB of values let the program grow.
const GROWTH_IN_KIB: u64 = 16 * 1024;

/// So many variables of 8 KB in both services.
fn with_variables(count: usize) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    let value = format!("s3kr1t{}", "x".repeat(8 * 1024 - 6));
    let named = |prefix: &'static str| (0..count).map(move |number| format!("{prefix}airflow/variables/n{number:04}"));
    env.aws.has_secrets(named("").map(|name| (name, value.clone())));
    env.aws.has_parameters(named("/").map(|name| (name, value.clone())));
    env
}

#[test]
fn memory_stays_flat_while_thousands_are_listed() {
    for (backend, pages, reads) in [("secrets-manager", 50, 250), ("parameter-store", 100, 500)] {
        let list = ["secrets", "list", "variable", "--backend", backend, "--output", "json"];
        let (few, many) = (with_variables(20), with_variables(MANY));
        let (output, small) = few.run_measured(&list);
        output.succeeds().says("n0019");
        let (output, large) = many.run_measured(&list);
        output.succeeds().says("n4999");
        assert!(large < small + GROWTH_IN_KIB, "{backend}: {small} KiB for 20, {large} KiB for {MANY}");
        let listed = many.aws.hits("ListSecrets") + many.aws.hits("DescribeParameters");
        assert!((pages..pages * 4).contains(&listed), "{backend}: {listed} pages");
        assert!(many.aws.all_hits() <= listed + reads + 10, "{backend}: {} calls", many.aws.all_hits());
    }
}

#[test]
fn memory_stays_flat_while_thousands_are_checked() {
    let uses: Vec<String> = (0..MANY).map(|number| format!("Variable.get(\"n{number:04}\")\n")).collect();
    for backend in ["secrets-manager", "parameter-store"] {
        let check = ["secrets", "check", "--backend", backend, "--output", "json"];
        let (few, many) = (with_variables(20), with_variables(MANY));
        few.write("dags/reads.py", uses[..20].concat());
        many.write("dags/reads.py", uses.concat());
        let (output, small) = few.run_measured(&check);
        output.succeeds();
        let (output, large) = many.run_measured(&check);
        assert_eq!(output.succeeds().json()["results"].as_array().unwrap().len(), MANY);
        assert!(large < small + GROWTH_IN_KIB, "{backend}: {small} KiB for 20, {large} KiB for {MANY}");
    }
}
