use super::*;

fn looked(id: &str, state: State, ok: bool) -> Looked {
    Looked {
        kind: "variable",
        id: id.to_owned(),
        name: Some(format!("airflow/variables/{id}")),
        state,
        origin: ok.then_some(Origin::Backend),
        message: "there is nothing of this name".to_owned(),
        hint: (!ok).then(|| "store it".to_owned()),
        places: (1..=5)
            .map(|line| Place { path: PathBuf::from("/p/dags/a.py"), line, shown: "dags/a.py".to_owned() })
            .collect(),
        has_default: false,
        ok,
        in_containers: Vec::new(),
    }
}

#[test]
fn a_problem_tells_where_it_is_named_and_what_mends_it() {
    let checked = Checked {
        backend: "secrets-manager",
        region: None,
        results: vec![looked("x", State::NotFound, false), looked("hello", State::Found, true)],
        unused: vec![Unused { kind: "connection", id: "old".to_owned(), name: "airflow/connections/old".to_owned() }],
        summary: Summary { checked: 2, found: 1, failed: 1, unused: Some(1), files: 3, defaulted: 0 },
        containers: Vec::new(),
        title: "AWS Secrets Manager",
        failure: None,
    };
    let text = anstream::adapter::strip_str(&checked.text()).to_string();
    assert_eq!(
        text,
        "✗ variable   x      there is nothing of this name  (dags/a.py:1, dags/a.py:2, dags/a.py:3 and 2 more)\n  \
         hint: store it\n\
         ✓ variable   hello  airflow/variables/hello  (dags/a.py:1, dags/a.py:2, dags/a.py:3 and 2 more)\n\
         - connection old  (airflow/connections/old) is named nowhere\n\
         1 of 2 ids found, 1 not, 1 stored and named nowhere.\n"
    );
}
