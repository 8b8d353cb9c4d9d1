//! A policy as Terraform's `aws_iam_policy_document` data source, laid out as `terraform fmt` does.

use std::fmt::Write as _;

use super::{Document, Statement};

impl Document {
    /// The data source `name`.
    pub fn to_terraform(&self, name: &str) -> String {
        let statements: Vec<_> = self.statement.iter().map(Statement::to_terraform).collect();
        format!("data \"aws_iam_policy_document\" \"{name}\" {{\n{}}}\n", statements.join("\n"))
    }
}

impl Statement {
    fn to_terraform(&self) -> String {
        let mut text =
            format!("  statement {{\n    sid    = {}\n    effect = {}\n", quoted(self.sid), quoted(self.effect));
        let _ = write!(text, "    actions = [\n{}    ]\n", items(self.action.iter().copied()));
        if !self.resource.is_empty() {
            let _ = write!(text, "    resources = [\n{}    ]\n", items(self.resource.iter().map(String::as_str)));
        }
        if let Some(principal) = &self.principal {
            let _ = write!(
                text,
                "\n    principals {{\n      type        = \"AWS\"\n      identifiers = [{}]\n    }}\n",
                quoted(&principal.aws)
            );
        }
        for (test, keys) in &self.condition {
            for (variable, value) in keys {
                let _ = write!(
                    text,
                    "\n    condition {{\n      test     = {}\n      variable = {}\n      values   = [{}]\n    }}\n",
                    quoted(test),
                    quoted(variable),
                    quoted(value)
                );
            }
        }
        text.push_str("  }\n");
        text
    }
}

fn items<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(|text| format!("      {},\n", quoted(text))).collect()
}

/// A quoted template that is nothing but its text (HCL native syntax specification, "Template Expressions"): `${` and
/// `%{` begin none.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '$' | '%' if rest.peek() == Some(&'{') => quoted.extend([c, c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_means_itself_in_hcl() {
        for (text, expected) in [
            ("arn:aws:ssm:eu-west-1:1:parameter/a/*", r#""arn:aws:ssm:eu-west-1:1:parameter/a/*""#),
            ("${*}", r#""$${*}""#),
            ("%{x}", r#""%%{x}""#),
            ("$5 100%", r#""$5 100%""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb\tc\u{7}", r#""a\nb\tc\u0007""#),
            ("ünï", r#""ünï""#),
        ] {
            assert_eq!(quoted(text), expected, "{text}");
        }
    }
}
