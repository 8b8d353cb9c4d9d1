//! The value of `secrets set`: from a file, standard input, the terminal without echo, or put together from flags.
//!
//! Never from an argument, which other users of the machine can read. What comes out is text that Airflow can read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::airflow::connection::Connection;
use crate::airflow::{Configured, Kind};
use crate::aws::secret::SecretText;
use crate::cli::secrets::SetArgs;
use crate::commands::App;
use crate::report::outcome::secrets::Item;
use crate::report::{Error, Kind as ErrorKind, prompt};

use super::item::what;
use super::{masked, surprises};

/// So much is read of a file: no service takes a tenth of it.
const MOST: u64 = 1024 * 1024;

/// Gets the value, and makes sure that Airflow can read it.
///
/// # Errors
/// [`ErrorKind::Usage`] where there is none, or none that Airflow can read; [`ErrorKind::Interrupted`] for Ctrl-C.
pub(super) fn take(app: &App, args: &SetArgs, configured: &Configured, item: &Item) -> Result<SecretText, Error> {
    let value = match (&args.conn_type, Kind::from(args.kind)) {
        (Some(conn_type), Kind::Connection) => from_flags(app, args, conn_type, configured, item)?,
        (Some(_), _) => {
            return Err(usage(format!("{}: `--conn-type` and what goes with it are for connections", what(item))));
        }
        (None, _) => given(app, args.from_file.as_deref(), item)?,
    };
    if Kind::from(args.kind) == Kind::Connection {
        readable(app, &value, configured, item)?;
    }
    Ok(value)
}

fn usage(message: String) -> Error {
    Error::new(ErrorKind::Usage, message)
}

/// The value itself.
fn given(app: &App, file: Option<&Path>, item: &Item) -> Result<SecretText, Error> {
    match file {
        Some(file) if file != Path::new("-") => {
            let path = app.host.cwd.join(file);
            let unreadable = |error: std::io::Error| usage(format!("`{}` cannot be read: {error}", path.display()));
            text(File::open(&path).map_err(unreadable)?, &format!("`{}`", path.display()), item)
        }
        Some(_) => text(std::io::stdin(), "standard input", item),
        None if !app.host.terminal.stdin => text(std::io::stdin(), "standard input", item),
        None if app.may_ask() => {
            let question = format!("Value of {}:", what(item));
            let typed =
                prompt::secret_as_typed(&question, "what you type is not shown; --from-file takes several lines")?;
            Ok(SecretText::new(typed.as_str()))
        }
        None => Err(usage(format!("{}: there is no value, and {}", what(item), app.why_not_asked()))
            .hint("give it with `--from-file FILE`, or on standard input")),
    }
}

/// Text to its end, without the newline that editors and `echo` put there.
fn text(from: impl Read, source: &str, item: &Item) -> Result<SecretText, Error> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| usage(format!("{source} cannot be read: {error}")))?;
    if bytes.len() as u64 > MOST {
        return Err(usage(format!("{}: {source} holds more than 1 MiB", what(item))).hint(
            "AWS Secrets Manager takes 65536 bytes, SSM Parameter Store 8192: keep it in S3, and store where it is",
        ));
    }
    let no_text = |reason: String| {
        usage(format!("{}: {source} holds no text: {reason}; Airflow reads text alone", what(item)))
            .hint("store it in base64, and decode it in the DAG")
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| no_text(format!("byte {} is no UTF-8", error.valid_up_to() + 1)))?;
    if let Some(at) = text.find('\0') {
        return Err(no_text(format!("byte {} is NUL", at + 1)));
    }
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(SecretText::new(text))
}

/// A connection put together, in JSON, or as a URI where only that is read back as it was.
fn from_flags(
    app: &App,
    args: &SetArgs,
    conn_type: &str,
    configured: &Configured,
    item: &Item,
) -> Result<SecretText, Error> {
    let extra = args.extra.as_deref().map(|extra| extra_of(app, extra, item)).transpose()?;
    let connection = Connection {
        conn_type: Some(conn_type.to_owned()),
        host: args.host.clone(),
        login: args.login.clone(),
        password: password(app, args, item)?.map(|password| password.expose().to_owned()),
        schema: args.schema.clone(),
        port: args.port.map(i64::from),
        extra,
        ..Connection::default()
    };
    let words = words(configured, item)?;
    let is_read_back = |text: &str| {
        Connection::parse(text, configured.backend, &words).is_ok_and(|(read, _)| read.is_same_as(&connection))
    };
    let json = Zeroizing::new(Value::Object(connection.to_json()).to_string());
    if is_read_back(&json) {
        return Ok(SecretText::new(json.as_str()));
    }
    match connection.to_uri() {
        Ok(uri) if is_read_back(&uri) => Ok(SecretText::new(uri)),
        Ok(_) => Err(usage(format!("{}: Airflow would not read back what these flags say", what(item)))),
        Err(error) => Err(usage(format!("{}: the connection {error}", what(item)))),
    }
}

/// `--extra`, which is an object.
fn extra_of(app: &App, extra: &str, item: &Item) -> Result<String, Error> {
    let object = serde_json::from_str::<Value>(extra).ok().filter(Value::is_object);
    let object = object.ok_or_else(|| {
        usage(format!("{}: `--extra` is no JSON object", what(item)))
            .hint("such as `--extra '{\"sslmode\": \"require\"}'`")
    })?;
    if let Some(key) = object.as_object().and_then(|extras| extras.keys().find(|key| masked::is_secret(key))) {
        app.report.warn(
            "extra_secret",
            format!(
                "`{key}` in `--extra` may be a secret, and arguments can be read by others on this machine: \
                     give such a connection with `--from-file`"
            ),
        );
    }
    Ok(object.to_string())
}

/// The password: typed, or from standard input; `None` for an empty one.
fn password(app: &App, args: &SetArgs, item: &Item) -> Result<Option<SecretText>, Error> {
    if args.no_password {
        return Ok(None);
    }
    let password = if !app.host.terminal.stdin {
        text(std::io::stdin(), "standard input", item)?
    } else if app.may_ask() {
        let question = format!("Password of {}:", what(item));
        SecretText::new(prompt::secret_as_typed(&question, "what you type is not shown; Enter for none")?.as_str())
    } else {
        return Err(usage(format!("{}: there is no password, and {}", what(item), app.why_not_asked()))
            .hint("give it on standard input, or say `--no-password`"));
    };
    match password.expose() {
        "" if !app.host.terminal.stdin => Err(usage(format!("{}: standard input holds no password", what(item)))
            .hint("a connection without one takes `--no-password`")),
        "" => Ok(None),
        _ => Ok(Some(password)),
    }
}

fn words(configured: &Configured, item: &Item) -> Result<crate::airflow::connection::ExtraWords, Error> {
    configured.extra_words().map_err(|error| Error::new(ErrorKind::Project, format!("{}: {error}", what(item))))
}

/// Whether Airflow can make a connection of it.
fn readable(app: &App, value: &SecretText, configured: &Configured, item: &Item) -> Result<(), Error> {
    let words = words(configured, item)?;
    Connection::parse(value.expose(), configured.backend, &words).map_err(|error| {
        usage(format!("{}: Airflow could not use it: the connection {error}", what(item))).hint(
            "a URI such as `postgres://user@host:5432/schema`, or JSON such as \
                `{\"conn_type\": \"postgres\"}`, or `--conn-type` and its kin",
        )
    })?;
    surprises::of_connection(app, &what(item), value.expose(), configured.backend, &words);
    Ok(())
}
