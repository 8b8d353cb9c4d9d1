//! `secrets fetch`: parameters and secrets by full name, as the boto3 code of the ECS guide reads them.

use serde_json::{Map, Value};

use crate::airflow::Backend;
use crate::aws::secrets::{Secret, Service, StoreFailure};
use crate::cli::secrets::{BackendArgs, BackendChoice, FetchArgs, FetchFormat};
use crate::commands::App;
use crate::report::outcome::secrets::{Fetched, Revealed};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::connect;
use super::failures::{self, About};

pub(super) async fn run(app: &mut App, args: &FetchArgs) -> Result<Fetched, Error> {
    let format = format(app, args)?;
    let variables = match format {
        Some(FetchFormat::Env) => variables(&args.names)?,
        _ => Vec::new(),
    };
    let sources = sources(args)?;
    let mut values: Vec<Option<Revealed>> = vec![None; args.names.len()];
    let mut groups: Vec<&Source> = sources.iter().collect();
    groups.sort();
    groups.dedup();
    for source in groups {
        let places: Vec<_> = (0..args.names.len()).filter(|&place| sources[place] == *source).collect();
        let names: Vec<_> = places.iter().map(|&place| args.names[place].clone()).collect();
        for (place, value) in places.into_iter().zip(fetched(app, source, &names).await?) {
            values[place] = Some(value);
        }
    }
    let values: Vec<_> = args.names.iter().cloned().zip(values.into_iter().flatten()).collect();
    let printed = printed(format, &variables, &values)?;
    Ok(Fetched { values, printed })
}

/// How values are printed; `None` for the bare value of one.
fn format(app: &App, args: &FetchArgs) -> Result<Option<FetchFormat>, Error> {
    match args.format {
        None if args.names.len() > 1 && app.report.is_text() => {
            Err(Error::new(ErrorKind::Usage, "several values cannot be printed bare, one behind the other")
                .hint("choose `--format env` or `--format json`"))
        }
        format => Ok(format),
    }
}

/// Where a name is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    /// `None` for the project's backend.
    from: Option<From>,
    /// The region of an ARN.
    region: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    SecretsManager,
    ParameterStore,
}

/// What each name says, and `--from` for those that say nothing.
fn sources(args: &FetchArgs) -> Result<Vec<Source>, Error> {
    let asked = args.from.map(|from| match from {
        BackendChoice::SecretsManager => From::SecretsManager,
        BackendChoice::ParameterStore => From::ParameterStore,
    });
    let source = |name: &String| {
        if !name.starts_with("arn:") {
            return Ok(Source { from: asked, region: None });
        }
        let parts: Vec<_> = name.splitn(6, ':').collect();
        let from = match parts.get(2) {
            Some(&"secretsmanager") => From::SecretsManager,
            Some(&"ssm") => From::ParameterStore,
            _ => {
                let message = format!("`{name}` is the ARN of neither a secret nor a parameter");
                return Err(Error::new(ErrorKind::Usage, message));
            }
        };
        if asked.is_some_and(|asked| asked != from) {
            return Err(Error::new(ErrorKind::Usage, format!("`{name}` is not where `--from` says"))
                .hint("leave `--from` out: the ARN tells"));
        }
        let region = parts.get(3).filter(|region| !region.is_empty()).map(|&region| region.to_owned());
        Ok(Source { from: Some(from), region })
    };
    args.names.iter().map(source).collect()
}

/// The values of names in one place, in their order.
async fn fetched(app: &mut App, source: &Source, names: &[String]) -> Result<Vec<Revealed>, Error> {
    let mut backed = find(app, source)?;
    // An ARN is good in its own region alone.
    backed.asked_region = source.region.clone().or(backed.asked_region);
    let connected = connect::connect(app, &backed).await?;
    let mut results: Vec<Option<Result<Secret, StoreFailure>>> = vec![None; names.len()];
    {
        let _progress = app.report.progress(format!("reading {}", names.join(", ")));
        connected.store.get_many(names, |index, result| results[index] = Some(result)).await;
    }
    let service: Service = connect::service(backed.configured.backend);
    let value = |(name, result): (&String, Option<Result<Secret, StoreFailure>>)| {
        let what = format!("`{name}`");
        let about = About { what: &what, name, service, region: &connected.region };
        match result.unwrap_or(Err(StoreFailure::NotFound)) {
            Ok(secret) => Ok(Revealed::new(secret.value.expose())),
            Err(failure) => Err(failures::store(&about, &failure)),
        }
    };
    names.iter().zip(results).map(value).collect()
}

fn find(app: &mut App, source: &Source) -> Result<Backed, Error> {
    let choice = source.from.map(|from| match from {
        From::SecretsManager => BackendChoice::SecretsManager,
        From::ParameterStore => BackendChoice::ParameterStore,
    });
    let found = backend::find_for_full_names(app, &BackendArgs { backend: choice }).map_err(|error| match choice {
        None if error.kind == ErrorKind::Project => error.hint(format!(
            "or say where with `--from {}` or `--from {}`",
            Backend::SecretsManager.name(),
            Backend::ParameterStore.name()
        )),
        _ => error,
    });
    let mut backed = found?;
    if choice.is_some() {
        backend::stay_in_its_place(&mut backed);
    }
    Ok(backed)
}

/// The name of a shell's variable for each name: its last part, with `_` for what no variable has.
///
/// # Errors
/// [`ErrorKind::Usage`] where two of them are the same.
fn variables(names: &[String]) -> Result<Vec<String>, Error> {
    let mut variables: Vec<String> = Vec::new();
    for name in names {
        let variable = variable(name);
        if let Some(at) = variables.iter().position(|other| *other == variable) {
            let message = format!("`{}` and `{name}` would both be the variable `{variable}`", names[at]);
            return Err(Error::new(ErrorKind::Usage, message).hint("print them with `--format json`, or one by one"));
        }
        variables.push(variable);
    }
    Ok(variables)
}

fn variable(name: &str) -> String {
    let is_secret_s = name.starts_with("arn:") && name.split(':').nth(2) == Some("secretsmanager");
    let name = name.rsplit(['/', ':']).next().unwrap_or(name);
    let name = match name.rsplit_once('-') {
        // The six characters that AWS puts behind a secret's name.
        Some((name, end)) if is_secret_s && end.len() == 6 => name,
        _ => name,
    };
    let variable: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if variable.starts_with(|c: char| c.is_ascii_digit()) || variable.is_empty() {
        format!("_{variable}")
    } else {
        variable
    }
}

fn printed(
    format: Option<FetchFormat>,
    variables: &[String],
    values: &[(String, Revealed)],
) -> Result<Revealed, Error> {
    let text = match format {
        None => values.first().map(|(_, value)| value.expose().to_owned()).unwrap_or_default(),
        Some(FetchFormat::Json) => {
            let values: Map<_, _> =
                values.iter().map(|(name, value)| (name.clone(), Value::from(value.expose()))).collect();
            format!("{:#}", Value::Object(values))
        }
        Some(FetchFormat::Env) => {
            let line = |(variable, (name, value)): (&String, &(String, Revealed))| match value.expose() {
                with_nul if with_nul.contains('\0') => Err(Error::new(
                    ErrorKind::Failed,
                    format!("`{name}` has a NUL in it, which no variable of a shell can hold"),
                )),
                text => Ok(format!("{variable}='{}'", text.replace('\'', "'\\''"))),
            };
            variables.iter().zip(values).map(line).collect::<Result<Vec<_>, _>>()?.join("\n")
        }
    };
    Ok(Revealed::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_by_the_last_part_of_a_name() {
        for (name, expected) in [
            ("/sandbox/dev/username", "username"),
            ("db.password", "db_password"),
            ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-user-a1B2c3", "db_user"),
            ("arn:aws:ssm:eu-west-1:111122223333:parameter/app/2nd-key", "_2nd_key"),
            ("/", "_"),
        ] {
            assert_eq!(variable(name), expected, "{name}");
        }
    }

    #[test]
    fn two_names_for_one_variable_are_refused() {
        let error = variables(&["/a/user".to_owned(), "/b/user".to_owned()]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.contains("`/a/user` and `/b/user`"), "{}", error.message);
    }

    #[test]
    fn a_value_is_quoted_so_that_a_shell_reads_it_back() {
        let values = [("x".to_owned(), Revealed::new("it's $HOME `x` \"y\" \\\nü!"))];
        let printed = printed(Some(FetchFormat::Env), &["x".to_owned()], &values).unwrap();
        let script = format!("{}\nprintf %s \"$x\"", printed.expose());
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), values[0].1.expose());
    }
}
