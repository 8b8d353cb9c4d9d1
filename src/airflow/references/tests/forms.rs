//! Every form in which an id is named, and those in which none is.

use super::{listed, named};

#[track_caller]
fn check(table: &[(&str, &[&str])]) {
    for (source, expected) in table {
        assert_eq!(named(source), *expected, "{source}");
    }
}

#[test]
fn variables_are_found_in_every_form_of_their_call() {
    check(&[
        ("Variable.get('x')", &["v x:1"]),
        ("models.Variable.get(key=\"x\")", &["v x:1"]),
        ("airflow.models.Variable . get ( 'x' , )", &["v x:1"]),
        ("Variable.get(\n    # which\n    'x',\n)", &["v x:3"]),
        ("Variable.get('x', 'fallback')", &["v x:1?"]),
        ("Variable.get('x', default_var=None)", &["v x:1?"]),
        ("Variable.get('x', default={'a': [1, 2]}, deserialize_json=True)", &["v x:1?!"]),
        ("Variable.get('x', deserialize_json=True)", &["v x:1!"]),
        ("Variable.get('x', deserialize_json=False)", &["v x:1"]),
        ("Variable.get('a', Variable.get('b'))", &["v a:1?", "v b:1"]),
        ("from airflow.models import Variable as V\nV.get('x')", &["v x:2"]),
        ("KEY = 'x'\nVariable.get(KEY)", &["v x:2"]),
        ("Variable.get_variable_from_secrets('x')", &["v x:1"]),
        ("Variable.set('x', 1)", &[]),
        ("Variable.delete('x')", &[]),
        ("Variable.get(name)", &[]),
        ("Variable.get(f'{x}')", &[]),
        ("Variable.get('a' + b)", &[]),
        ("Variable.get('a' % b)", &[]),
        ("Variable.get('a'.lower())", &[]),
        ("variable.get('x')", &[]),
        ("os.environ.get('x')", &[]),
        ("# Variable.get('x')", &[]),
        ("'''Variable.get('x')'''", &[]),
        ("Variable.get('')", &[]),
        ("Variable.get('{{ x }}')", &[]),
        ("Variable.get('a key/with blanks')", &["v a key/with blanks:1"]),
    ]);
}

#[test]
fn connections_are_found_in_every_form_of_their_call() {
    check(&[
        ("BaseHook.get_connection('x')", &["c x:1"]),
        ("self.get_connection(\"x\")", &["c x:1"]),
        ("get_connection(conn_id='x')", &["c x:1"]),
        ("Connection.get('x')", &["c x:1"]),
        ("Connection.get(conn_id='x')", &["c x:1"]),
        ("Connection.get_connection_from_secrets('x')", &["c x:1"]),
        ("from airflow.models import Connection as C\nC.get('x')", &["c x:2"]),
        ("BaseHook.get_hook('x')", &["c x:1"]),
        ("PostgresOperator(task_id='t', conn_id='x', sql='select 1')", &["c x:1"]),
        ("PostgresOperator(\n    task_id='t',\n    postgres_conn_id='x')", &["c x:3"]),
        ("S3Hook(aws_conn_id='x')", &["c x:1~"]),
        ("S3Hook(aws_conn_id=None)", &[]),
        ("@task.sql(conn_id='x')\ndef f(): ...", &["c x:1"]),
        ("f(a)(conn_id='x')", &["c x:1"]),
        ("f(conn_id=('x'))", &["c x:1"]),
        ("f(conn_id=\\\n  'x')", &["c x:2"]),
        ("CONN = 'x'\nf(conn_id=CONN)", &["c x:2"]),
        ("A = B = ('x')\nf(conn_id=B)", &["c x:2"]),
        ("CONN: Final[str] = 'x'\nf(conn_id=CONN)", &["c x:2"]),
        ("if a: CONN = 'x'\nelse: CONN = 'y'\nf(conn_id=CONN)", &["c x:3", "c y:3"]),
        ("f(conn_id=CONN)\nCONN = 'x'", &["c x:1"]),
        ("default_args = {'conn_id': 'x', \"postgres_conn_id\": 'y'}", &["c x:1", "c y:1"]),
        ("d = dict(conn_id='x')", &["c x:1"]),
        ("args['conn_id'] = 'x'", &["c x:1"]),
        ("{'a': {'b': 1, 'http_conn_id': 'x'}}", &["c x:1"]),
        ("Connection(conn_id='x', conn_type='http')", &[]),
        ("def f(conn_id='x', aws_conn_id: str = 'y'): ...", &[]),
        ("lambda conn_id='x': conn_id", &[]),
        ("conn_id = 'x'", &[]),
        ("class A:\n    postgres_conn_id = 'x'", &[]),
        ("f(conn_id=g('x'))", &[]),
        ("f(conn_id='x' if a else 'y')", &[]),
        ("f(conn_id=b'x')", &[]),
        ("f(conn_id=f'x{y}')", &[]),
        ("f(conn_id=f'x')", &["c x:1"]),
        ("f(conn_id='has blanks')", &[]),
        ("f(conn_id='')", &[]),
        ("f(conn_id == 'x')", &[]),
        ("f(conn_ids='x')", &[]),
        ("def get_connection(self, conn_id): ...", &[]),
        ("def f(CONN):\n    g(conn_id=CONN)\nCONN = 'x'", &[]),
        ("CONN = 'x'\nCONN += 'y'\nf(conn_id=CONN)", &[]),
        ("CONN = os.environ['A']\nf(conn_id=CONN)", &[]),
        ("for CONN in ['x']:\n    f(conn_id=CONN)", &[]),
        ("CONN = 'x'\nA, CONN = f()\nf(conn_id=CONN)", &[]),
        ("CONN = 'x'\n(CONN := 'y')\nf(conn_id=CONN)", &[]),
    ]);
}

#[test]
fn strings_are_read_as_python_reads_them() {
    check(&[
        (r"Variable.get(r'a\d')", &[r"v a\d:1"]),
        (r"Variable.get('a\x62\u0063\N{LATIN SMALL LETTER D}\144')", &["v abc\u{FFFD}d:1"]),
        (r#"Variable.get('a\'b\"c')"#, &["v a'b\"c:1"]),
        (r#"Variable.get(r'a\'b')"#, &[r"v a\'b:1"]),
        ("Variable.get('a' 'b'\n  'c')", &["v abc:1"]),
        ("Variable.get('a\\\nb')", &["v ab:1"]),
        ("Variable.get('''x''')", &["v x:1"]),
        ("Variable.get(u'x', R'y')", &["v x:1?"]),
        ("Variable.get(Rb'x')", &[]),
        ("'''it's \"quoted\" ''\n'''\nVariable.get('x')", &["v x:3"]),
        ("x = '# no comment'; Variable.get('x') # 'a comment", &["v x:1"]),
        ("f'{Variable.get(\"x\")!r:>{width}}'", &["v x:1"]),
        ("f'''\n{a}\n{Variable.get('x')}\n'''\nVariable.get('y')", &["v x:3", "v y:5"]),
        ("f'{d['k']}{Variable.get('x')}'", &["v x:1"]),
        ("f'{a:%H:%M}{{}}' + Variable.get('x')", &["v x:1"]),
        ("f'{a!r}' f\"{b != c}\" + Variable.get('x')", &["v x:1"]),
        ("Variable.get('x')\r\nVariable.get('y')\rVariable.get('z')", &["v x:1", "v y:2", "v z:3"]),
        ("'unterminated\nVariable.get('x')", &["v x:2"]),
        ("f'{unterminated\nVariable.get('x')", &["v x:2"]),
    ]);
}

#[test]
fn templates_are_found_in_any_string_on_their_own_line() {
    check(&[
        ("'{{ var.value.x }}'", &["v x:1"]),
        ("f(sql='''\nselect\n  {{ var.value.x }},\n  {{ conn.my_db.host }}\n''')", &["v x:3", "c my_db:4"]),
        ("'{{ var.value[\"x\"] }}'", &["v x:1"]),
        ("'{{ var.value.get(\"x\") }}'", &["v x:1"]),
        ("\"{{ var.value.get('x', 'fallback') }}\"", &["v x:1?"]),
        ("'{{ var.json.x.y }}'", &["v x:1!"]),
        ("'{{ var.json.get(\"x\", {}) }}'", &["v x:1?!"]),
        ("'{{ conn[\"x\"].host }}{{ conn.get(\"y\").login }}'", &["c x:1", "c y:1"]),
        ("'{% if var.value.x == \"a\" %}b{% endif %}'", &["v x:1"]),
        ("'{{- var . value . x | default(\"a\") -}}'", &["v x:1"]),
        ("'{{ var.value.x ~ var.value.y }}'", &["v x:1", "v y:1"]),
        ("'{{ var.' 'value.x }}'", &["v x:1"]),
        ("f'{{{{ var.value.x }}}} {y}'", &["v x:1"]),
        ("f'{{{{ var.value.{y} }}}}'", &[]),
        ("'{# {{ var.value.x }} #}'", &[]),
        ("'var.value.x'", &[]),
        ("'{{ my.var.value.x }}'", &[]),
        ("'{{ \"var.value.x\" }}'", &[]),
        ("'{{ var.value }}{{ var.value.get(y) }}{{ conn }}'", &[]),
        ("f(conn_id='{{ var.value.x }}')", &["v x:1"]),
    ]);
}

#[test]
fn templates_beside_the_dags_are_read_too() {
    let sql = "-- {{ conn.x.schema }}\nselect '{{ var.value.y }}'\n{# {{ var.value.z }} #}\r\n{{ var.json.w.v }}";
    assert_eq!(listed(sql.as_bytes(), "dags/sql/a.sql"), ["c x:1", "v y:2", "v w:4!"]);
    assert_eq!(listed(br#"{"a": "{{ var.value[\"x\"] }}"}"#, "include/a.JSON"), ["v x:1"]);
    assert_eq!(listed(b"echo {{ var.value.x }}", "dags/a.sh"), ["v x:1"]);
    // Python's forms mean nothing there.
    assert_eq!(listed(b"Variable.get('x')", "dags/a.sql"), [""; 0]);
}

#[test]
fn another_encoding_costs_nothing() {
    assert_eq!(listed(b"# -*- coding: latin-1 -*-\nVariable.get('caf\xE9')", "a.py"), ["v café:2"]);
    assert_eq!(listed(b"x = '\xE9'\nVariable.get('x')", "a.py"), ["v x:2"]);
    assert_eq!(listed("\u{FEFF}Variable.get('é')".as_bytes(), "a.py"), ["v é:1"]);
    // Valid UTF-8, and said to be something else.
    assert_eq!(listed("# vim: set fileencoding=latin1 :\nVariable.get('é')".as_bytes(), "a.py"), ["v Ã©:2"]);
}
