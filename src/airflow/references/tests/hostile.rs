//! Whatever bytes come in, nothing panics, and nothing takes long.

use std::path::Path;

use proptest::prelude::*;

use super::super::in_source;

const PIECES: &[&str] = &[
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "f\"\"\"",
    "rb'",
    "{",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "(",
    ")",
    "[",
    "]",
    "\\",
    "\n",
    "\r",
    "\\\n",
    "#",
    ":",
    "!",
    "=",
    ",",
    ".",
    ";",
    " ",
    "def ",
    "for ",
    "as ",
    "lambda ",
    "Variable.get(",
    "conn_id",
    "conn_id='x'",
    "get_connection(",
    "var.value.",
    "var.json.get(",
    "conn.",
    "\\N{",
    "\\x",
    "\\u12",
    "\\777",
    "é",
    "\u{10FFFF}",
    "X",
    "X='a'",
    "0x1.",
    ":=",
    "+=",
    "->",
];

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [b"Variable var conn ", bytes.as_slice()].concat();
        let _ = in_source(&bytes, Path::new("a.py"));
        let _ = in_source(&bytes, Path::new("a.sql"));
    }

    #[test]
    fn no_pieces_of_python_make_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let source = pieces.concat();
        let lines = source.bytes().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        for name in ["a.py", "a.sql"] {
            for reference in in_source(source.as_bytes(), Path::new(name)).unwrap().references {
                prop_assert!((1..=lines).contains(&reference.place.line), "{reference:?}");
            }
        }
    }

    #[test]
    fn an_id_is_found_whatever_stands_before_it_in_a_closed_string(text in "[ -~&&[^'\\\\]]{0,40}", id in "[a-z_]{1,20}") {
        let source = format!("x = '{text}'\nVariable.get('{id}')\n");
        let found = in_source(source.as_bytes(), Path::new("a.py")).unwrap().references;
        prop_assert!(found.iter().any(|reference| reference.id == id && reference.place.line == 2), "{source}");
    }
}

#[test]
fn megabytes_of_brackets_and_quotes_come_to_an_end() {
    for piece in
        ["f'{", "f\"\"\"{", "Variable.get(", "(", "{{ var.", "'{{' ", "conn_id=(", "A=A=", "for ", "def f(", "x: "]
    {
        let source = piece.repeat(1_000_000 / piece.len());
        let found = in_source(source.as_bytes(), Path::new("a.py")).unwrap().references;
        assert!(found.is_empty(), "{piece}");
    }
}

#[test]
fn the_line_of_a_string_that_does_not_end_is_told() {
    let endless = |source: &str| in_source(source.as_bytes(), Path::new("a.py")).unwrap().endless;
    assert_eq!(endless("def f(:\n  \"\"\"Variable.get(\"x\n"), Some(2));
    assert_eq!(endless("Variable.get('x)\nConnection.get('y')\n"), Some(1));
    assert_eq!(endless("Variable.get('x')\n# don't\n"), None);
    assert_eq!(in_source(b"var don't", Path::new("a.sql")).unwrap().endless, None);
}
