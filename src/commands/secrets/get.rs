//! `secrets get`: a connection or a variable, masked unless it is to be revealed.

use serde_json::{Map, Value};

use crate::airflow::Kind;
use crate::airflow::connection::{Connection, Form};
use crate::aws::secret::SecretText;
use crate::aws::secrets::Secret;
use crate::cli::secrets::GetArgs;
use crate::commands::App;
use crate::delivery::session::rfc3339;
use crate::report::outcome::secrets::{Item, Revealed, Shown};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::{connect, item, masked};

pub(super) async fn run(app: &mut App, args: &GetArgs) -> Result<Shown, Error> {
    let backed = backend::find(app, &args.backend)?;
    let item = item::of(&backed, Kind::from(args.kind), &args.id)?;
    let connected = connect::connect(app, &backed).await?;
    let secret = {
        let _progress = app.report.progress(format!("reading {}", item::what(&item)));
        connected.store.get(&item.name).await
    };
    let secret = secret.map_err(|failure| item::failed(&backed, &item, &connected.region, &failure))?;
    let found = match Kind::from(args.kind) {
        Kind::Connection => of_connection(app, args, &backed, &item, &secret.value)?,
        Kind::Variable | Kind::Config => of_text(args, &item, &secret.value)?,
    };
    Ok(shown(args, item, item::place(&backed, &connected.region), &secret, found))
}

/// What there is to show of a value.
struct Found {
    /// The value or the part that was asked for, masked or not.
    value: String,
    form: Option<Form>,
    fields: Map<String, Value>,
}

fn shown(
    args: &GetArgs,
    item: Item,
    place: crate::report::outcome::secrets::Where,
    secret: &Secret,
    found: Found,
) -> Shown {
    let form = found.form.map(|form| match form {
        Form::Uri => "uri",
        Form::Json => "json",
    });
    Shown {
        item,
        place,
        changed: secret.changed.map(rfc3339),
        version: secret.version.clone(),
        form,
        length: secret.value.expose().chars().count(),
        field: args.field.clone(),
        value: Revealed::new(found.value),
        fields: found.fields,
        is_bare: args.reveal || args.field.is_some(),
    }
}

fn of_connection(app: &App, args: &GetArgs, backed: &Backed, item: &Item, value: &SecretText) -> Result<Found, Error> {
    let configured = &backed.configured;
    let words = configured.extra_words();
    let words = words.map_err(|error| Error::new(ErrorKind::Project, format!("{}: {error}", item::what(item))))?;
    let whole = || if args.reveal { value.expose().to_owned() } else { masked::whole(value.expose()) };
    let (connection, form) = match (Connection::parse(value.expose(), configured.backend, &words), &args.field) {
        (Ok(read), _) => read,
        (Err(error), Some(_)) => {
            let message = format!("{}: Airflow cannot use it: the connection {error}", item::what(item));
            return Err(Error::new(ErrorKind::Failed, message).hint("store it anew with `astro-aws secrets set`"));
        }
        (Err(error), None) => {
            app.report
                .warn("malformed", format!("{}: Airflow cannot use it: the connection {error}", item::what(item)));
            return Ok(Found { value: whole(), form: None, fields: Map::new() });
        }
    };
    let fields = if args.reveal { connection.to_json() } else { masked::parts(&connection) };
    let value = match &args.field {
        None => whole(),
        Some(field)
            if !args.reveal && masked::is_secret_field(&connection, field) && connection.field(field).is_some() =>
        {
            return Err(hidden(item, field));
        }
        Some(field) => connection.field(field).ok_or_else(|| missing(item, field, connection_fields(&connection)))?,
    };
    Ok(Found { value, form: Some(form), fields })
}

/// The names that `--field` takes of a connection.
fn connection_fields(connection: &Connection) -> Vec<String> {
    let parts = connection.to_json();
    let extras = parts.get("extra").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    parts.keys().cloned().chain(extras.map(|key| format!("extra.{key}"))).collect()
}

fn of_text(args: &GetArgs, item: &Item, value: &SecretText) -> Result<Found, Error> {
    let found = |value: String| Found { value, form: None, fields: Map::new() };
    let Some(field) = &args.field else {
        let value = value.expose();
        return Ok(found(if args.reveal { value.to_owned() } else { masked::whole(value) }));
    };
    let Ok(Value::Object(members)) = serde_json::from_str(value.expose()) else {
        let message = format!("{} is no JSON object, so it has no `{field}`", item::what(item));
        return Err(Error::new(ErrorKind::Usage, message).hint("show it as a whole, without `--field`"));
    };
    match members.get(field) {
        None => Err(missing(item, field, members.keys().cloned().collect())),
        Some(_) if !args.reveal => Err(hidden(item, field)),
        Some(Value::String(text)) => Ok(found(text.clone())),
        Some(other) => Ok(found(other.to_string())),
    }
}

fn hidden(item: &Item, field: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("`{field}` of {} may be a secret", item::what(item)))
        .hint("print it with `--reveal`")
}

fn missing(item: &Item, field: &str, there: Vec<String>) -> Error {
    let there: Vec<_> = there.iter().map(|name| format!("`{name}`")).collect();
    let error = Error::new(ErrorKind::Usage, format!("{} has no `{field}`", item::what(item)));
    if there.is_empty() { error } else { error.hint(format!("it has {}", there.join(", "))) }
}
