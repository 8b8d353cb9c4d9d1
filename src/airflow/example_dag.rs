//! The example DAG: reads one variable and one connection through the secrets backend, and prints neither.
//!
//! For which Airflow, and the two ids come in; the file's text goes out. Each of the three imports from where its
//! Airflow has these names without a deprecation: airflow.sdk (3), airflow.decorators and airflow.models (2).

use std::fmt::Write as _;

/// For which Airflow it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Airflow 3: `airflow.sdk`.
    Three,
    /// Airflow 2.4 and newer: `schedule=None`.
    Two,
    /// Airflow before 2.4: `schedule_interval=None`.
    BeforeTwoFour,
}

/// The file in the project's `dags/` folder.
pub const FILE_NAME: &str = "example_secrets_dag.py";

/// The DAG's id, which is that of the guide.
pub const DAG_ID: &str = "example_secrets_dag";

/// The DAG's file.
pub fn source(flavour: Flavour, variable: &str, connection: &str) -> String {
    let (imports, schedule) = match flavour {
        Flavour::Three => ("from airflow.sdk import BaseHook, Variable, dag, task\n", "schedule"),
        Flavour::Two => (IMPORTS_OF_TWO, "schedule"),
        Flavour::BeforeTwoFour => (IMPORTS_OF_TWO, "schedule_interval"),
    };
    TEMPLATE
        .replace("@IMPORTS@\n", imports)
        .replace("@SCHEDULE@", schedule)
        .replace("@DAG_ID@", DAG_ID)
        // Last: an id may hold anything.
        .replace("@IDS@\n", &format!("VARIABLE = {}\nCONNECTION = {}\n", literal(variable), literal(connection)))
}

const IMPORTS_OF_TWO: &str = "\
from airflow.decorators import dag, task
from airflow.hooks.base import BaseHook
from airflow.models import Variable
";

const TEMPLATE: &str = r#""""Reads one variable and one connection the way every DAG does, and prints neither.

Airflow looks in its secrets backend first, then in environment variables, then in its own database. What this DAG
finds, any DAG of this project finds. A look-up that fails ends the task with the reason in its log.
"""

from datetime import datetime

@IMPORTS@

@IDS@


@dag(dag_id="@DAG_ID@", start_date=datetime(2024, 1, 1), @SCHEDULE@=None, catchup=False, tags=["example"])
def example_secrets_dag():
    @task
    def read_variable():
        value = Variable.get(VARIABLE)
        print(f"Variable {VARIABLE!r} is found: {len(value)} characters.")

    @task
    def read_connection():
        connection = BaseHook.get_connection(CONNECTION)
        parts = ["host", "login", "password", "schema", "port", "extra"]
        present = [part for part in parts if getattr(connection, part)]
        print(f"Connection {CONNECTION!r} is found: of type {connection.conn_type!r}, with {', '.join(present) or 'no more'}.")

    read_variable()
    read_connection()


example_secrets_dag()
"#;

/// A text as a Python string literal (Python reference: "String and Bytes literals").
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            // What an editor may show as a line of its own, or not at all, is spelled out.
            c if c.is_control()
                || (c.is_whitespace() && c != ' ')
                || matches!(c, '\u{200b}'..='\u{202e}' | '\u{feff}') =>
            {
                let _ = write!(literal, "\\U{:08x}", u32::from(c));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_airflow_gets_its_own_imports() {
        let of = |flavour| source(flavour, "hello", "my_db");
        let [three, two, old] = [Flavour::Three, Flavour::Two, Flavour::BeforeTwoFour].map(of);
        assert!(three.contains("from airflow.sdk import BaseHook, Variable, dag, task\n"));
        assert!(!three.contains("airflow.models") && !three.contains("airflow.decorators"));
        assert!(two.contains("from airflow.models import Variable\n") && !two.contains("airflow.sdk"));
        assert!(three.contains(", schedule=None") && two.contains(", schedule=None"));
        assert!(old.contains(", schedule_interval=None"));
        for text in [three, two, old] {
            assert!(!text.contains('@') || text.matches('@').count() == 3, "a placeholder is left: {text}");
            assert!(text.contains("VARIABLE = \"hello\"\nCONNECTION = \"my_db\"\n"));
        }
    }

    #[test]
    fn an_id_cannot_leave_its_literal() {
        for (id, expected) in [
            ("my_db", r#""my_db""#),
            (r#"a"b\c'd"#, r#""a\"b\\c'd""#),
            ("a\nimport os", r#""a\nimport os""#),
            ("a\u{2028}b\u{0}\t", r#""a\U00002028b\U00000000\U00000009""#),
            ("${x} {{ y }} %s ü", r#""${x} {{ y }} %s ü""#),
        ] {
            assert_eq!(literal(id), expected);
        }
    }

    #[test]
    fn ids_that_look_like_placeholders_stay() {
        let text = source(Flavour::Three, "@IMPORTS@\n", "@DAG_ID@");
        assert!(text.contains("VARIABLE = \"@IMPORTS@\\n\"\nCONNECTION = \"@DAG_ID@\"\n"), "{text}");
    }
}
