//! What `init` has to know: the profiles, the Airflow version, the engine; and the delivery that follows from them.

use crate::aws::profile::{Profile, ProfileSet};
use crate::cli::{DeliveryChoice, EnvPlace, InitArgs};
use crate::commands::configure::Offer;
use crate::commands::project::Workspace;
use crate::commands::{App, configure, mount, profile};
use crate::delivery::choose::{Choice, Chosen, Situation, choose};
use crate::delivery::entries::Wanted;
use crate::delivery::{Delivery, EnvIn};
use crate::host::aws_dir::sso_cache;
use crate::host::files::RealFiles;
use crate::host::paths::{EnginePath, PathError, engine_path};
use crate::host::readability::first_unreadable;
use crate::host::{AwsCli, AwsFiles, EngineKind, selinux};
use crate::project::Airflow;
use crate::project::services::{CONTAINER_AWS_FOLDER, CONTAINER_GIDS, CONTAINER_UID};
use crate::report::{Error, Kind, prompt};

use super::airflow;

/// What is to be set up, and why so.
#[derive(Debug)]
pub(super) struct Setup {
    /// `None` in standalone mode where the Dockerfile does not tell.
    pub(super) airflow: Option<Airflow>,
    /// `None` in standalone mode: no container is involved.
    pub(super) delivery: Option<Delivery>,
    /// Why, as the end of a sentence that begins with "because".
    pub(super) reason: String,
    /// How a person wants it.
    pub(super) options: Options,
    /// The entries that make it so.
    pub(super) wanted: Wanted,
}

/// What a person asked for, now or when the project was set up: a second `init` needs no option again.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) choice: Choice,
    pub(super) env_in: EnvIn,
    pub(super) portable: bool,
    pub(super) region: Option<String>,
}

impl Options {
    fn of(app: &App, args: &InitArgs, workspace: &Workspace) -> Result<Self, Error> {
        let record = workspace.set_up();
        let portable = args.portable || (args.delivery.is_none() && record.is_some_and(|record| record.portable));
        let choice = match args.delivery {
            Some(DeliveryChoice::Session) if args.portable => {
                return Err(Error::new(
                    Kind::Usage,
                    "--portable is for the mount: a session folder is one person's own",
                )
                .hint("leave out --portable or `--delivery session`"));
            }
            _ if portable => Choice::Only(Delivery::Mount),
            Some(DeliveryChoice::Auto) => Choice::Auto,
            Some(DeliveryChoice::Mount) => Choice::Only(Delivery::Mount),
            Some(DeliveryChoice::Session) => Choice::Only(Delivery::Session),
            None => record.and_then(|record| record.asked_for).map_or(Choice::Auto, Choice::Only),
        };
        let env_in = match args.env_in {
            Some(EnvPlace::Dotenv) => EnvIn::Dotenv,
            Some(EnvPlace::Compose) => EnvIn::Compose,
            None => record.map_or(EnvIn::Dotenv, |record| record.env_in),
        };
        Ok(Self { choice, env_in, portable, region: app.global.region.clone() })
    }
}

impl Setup {
    pub(super) fn delivery_name(&self) -> &'static str {
        self.delivery.map_or("standalone", Delivery::name)
    }
}

/// Reads the shared files; where no profile yields credentials, offers to make one.
///
/// # Errors
/// [`Kind::Credentials`] where there is none in the end.
pub(super) async fn read_or_configure(app: &App, args: &InitArgs, files: &AwsFiles) -> Result<ProfileSet, Error> {
    let set = profile::read(app, files)?;
    let is_named = app.global.profile.is_some() || app.host.env.get("AWS_PROFILE").is_some();
    let may_configure = app.may_ask() && !args.no_configure && !app.global.dry_run;
    // What is wrong with a profile that is there, its choice tells.
    if profile::any_usable(&set) || (!set.is_empty() && (is_named || !may_configure)) {
        return Ok(set);
    }
    let none = Error::new(
        Kind::Credentials,
        format!("there are no AWS credentials in {} or {}", files.config, files.credentials),
    )
    .hint("create a profile with `astro-aws configure`, or `astro-aws configure --sso` for IAM Identity Center");
    if !may_configure {
        return Err(none);
    }
    let tools = match AwsCli::find(&app.host) {
        Some(_) => ["aws configure: access keys", "aws configure sso: IAM Identity Center"],
        None => ["access keys", "IAM Identity Center (SSO)"],
    };
    let ways = tools.map(str::to_owned).to_vec();
    let offer = match prompt::select("There are no AWS credentials yet. How do you sign in?", ways)? {
        0 => Offer::Keys,
        _ => Offer::Sso,
    };
    configure::offered(app, offer).await?;
    profile::read(app, files)
}

/// Finds out what to set up.
///
/// # Errors
/// Where the Airflow version stays unclear or the wanted delivery is impossible.
pub(super) async fn detect(
    app: &mut App,
    args: &InitArgs,
    workspace: &Workspace,
    files: &AwsFiles,
    profile: &Profile,
) -> Result<Setup, Error> {
    let options = Options::of(app, args, workspace)?;
    if workspace.is_standalone() {
        return standalone(args, workspace, options, profile);
    }
    let airflow = airflow::detect(app, args.airflow, workspace).await?;
    let engine = engine_kind(app, workspace);
    app.report.detail(format!("Airflow {}, {engine}", airflow.major()));
    let found = Surroundings {
        engine,
        is_selinux: selinux::is_enforcing(&RealFiles),
        folder: files.folder().map(|folder| engine_path(app.host.os, &folder)),
    };
    let Chosen { delivery, reason, objection } = chosen(app, args, files, profile, &options, &found)?;
    if delivery == Delivery::Mount {
        mount::warn_of_renewal(app, profile);
    }
    warn_of_host_settings(app, profile);
    if let Some(objection) = objection {
        app.report.warn("mount", format!("the mount was asked for, but {objection}; `--delivery session` works here"));
    }
    let volume = match delivery {
        Delivery::Mount => mount_volume(app, &options, found.folder)?,
        Delivery::Session => {
            let options = if found.is_selinux { "ro,z" } else { "ro" };
            mountable(engine_path(app.host.os, &workspace.session_folder()))?
                .short_volume(CONTAINER_AWS_FOLDER, options)
        }
    };
    let names = file_names(files, delivery);
    let wanted = Wanted {
        sessions: workspace.session_sources(app),
        ..wanted(airflow, delivery, &options, volume, &names, profile)
    };
    Ok(Setup { airflow: Some(airflow), delivery: Some(delivery), reason, options, wanted })
}

/// What of the host decides about the delivery.
struct Surroundings {
    engine: EngineKind,
    is_selinux: bool,
    /// The AWS folder as the engine names it; `None` where the two shared files lie in different folders.
    folder: Option<Result<EnginePath, PathError>>,
}

/// The delivery, and the reason as a person is told it.
fn chosen(
    app: &App,
    args: &InitArgs,
    files: &AwsFiles,
    profile: &Profile,
    options: &Options,
    found: &Surroundings,
) -> Result<Chosen, Error> {
    let sso_cache = sso_cache(&app.host);
    let is_cache_mounted = match (&sso_cache, files.folder()) {
        (Some(cache), Some(folder)) => cache.as_path().starts_with(folder.as_path()),
        _ => false,
    };
    let unreadable = first_unreadable(files, sso_cache.as_ref(), CONTAINER_UID, CONTAINER_GIDS);
    let situation = Situation {
        os: app.host.os,
        engine: found.engine,
        selinux: found.is_selinux,
        profile,
        aws_folder: found.folder.as_ref(),
        unreadable: unreadable.as_ref(),
        is_cache_mounted,
    };
    let chosen = choose(options.choice, &situation)
        .map_err(|error| Error::new(Kind::Usage, error.to_string()).hint("use `--delivery session`"))?;
    let reason = if options.portable {
        "--portable is for the mount".to_owned()
    } else if args.delivery.is_none() && options.choice != Choice::Auto {
        "the project was set up so before; `--delivery auto` chooses anew".to_owned()
    } else {
        chosen.reason
    };
    Ok(Chosen { reason, ..chosen })
}

/// Settings that mean something else inside a container.
fn warn_of_host_settings(app: &mut App, profile: &Profile) {
    let is_loopback = |text: &str| ["://localhost", "://127.", "://[::1]"].iter().any(|sign| text.contains(sign));
    let services = profile.services.iter().flat_map(|(_, lines)| lines.iter().map(String::as_str));
    if profile.setting("endpoint_url").into_iter().chain(services).any(is_loopback) {
        app.report.warn(
            "loopback_endpoint",
            format!(
                "profile `{}` has an `endpoint_url` on localhost, which inside a container is the container itself",
                profile.name
            ),
        );
    }
}

fn standalone(args: &InitArgs, workspace: &Workspace, options: Options, profile: &Profile) -> Result<Setup, Error> {
    if args.delivery.is_some_and(|delivery| delivery != DeliveryChoice::Auto) || args.portable || args.env_in.is_some()
    {
        return Err(Error::new(
            Kind::Usage,
            "a standalone project has no containers, so there is nothing to deliver to",
        )
        .hint("leave --delivery, --portable and --env-in out, or set dev.mode to docker in .astro/config.yaml"));
    }
    let mut wanted = Wanted::default();
    if profile.name != "default" {
        // There is no override file to hold it, and the host's own AWS files know the profile.
        wanted.dotenv.push(("AWS_PROFILE".to_owned(), profile.name.clone()));
    }
    Ok(Setup {
        airflow: workspace.project.airflow(),
        delivery: None,
        reason: "dev.mode is standalone: Airflow runs on this host and reads your own AWS files".to_owned(),
        options,
        wanted,
    })
}

fn engine_kind(app: &mut App, workspace: &Workspace) -> EngineKind {
    match workspace.engine(app) {
        Ok(engine) => {
            if !engine.kind.sees_host_files() {
                app.report.warn(
                    "remote_engine",
                    "the container engine is on another machine, whose containers cannot mount folders of this one",
                );
            }
            engine.kind
        }
        Err(error) => {
            app.report.warn("engine", format!("{error}; `astro dev start` needs one"));
            EngineKind::Unknown
        }
    }
}

fn mount_volume(app: &App, options: &Options, folder: Option<Result<EnginePath, PathError>>) -> Result<String, Error> {
    if options.portable {
        let home = app.host.home.as_ref().map(|home| engine_path(app.host.os, &home.join(".aws")));
        return match (home, &folder) {
            (Some(Ok(home)), Some(Ok(folder))) if home == *folder => Ok(format!("~/.aws:{CONTAINER_AWS_FOLDER}:ro")),
            _ => Err(Error::new(Kind::Usage, "--portable names `~/.aws`, but your AWS files are elsewhere")
                .hint("unset AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or leave --portable out")),
        };
    }
    let folder = folder.ok_or_else(|| Error::new(Kind::Failed, "there is no AWS folder to mount"))?;
    Ok(mountable(folder)?.short_volume(CONTAINER_AWS_FOLDER, "ro"))
}

fn mountable(path: Result<EnginePath, PathError>) -> Result<EnginePath, Error> {
    path.map_err(|error| Error::new(Kind::Failed, error.to_string()))
}

/// The names of the two shared files inside the mounted folder.
fn file_names(files: &AwsFiles, delivery: Delivery) -> [String; 2] {
    let own = |path: &crate::host::HostPath, usual: &str| path.file_name().unwrap_or(usual).to_owned();
    match delivery {
        Delivery::Mount => [own(&files.config, "config"), own(&files.credentials, "credentials")],
        Delivery::Session => ["config".to_owned(), "credentials".to_owned()],
    }
}

fn wanted(
    airflow: Airflow,
    delivery: Delivery,
    options: &Options,
    volume: String,
    [config, credentials]: &[String; 2],
    profile: &Profile,
) -> Wanted {
    let files = [
        ("AWS_CONFIG_FILE".to_owned(), format!("{CONTAINER_AWS_FOLDER}/{config}")),
        ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), format!("{CONTAINER_AWS_FOLDER}/{credentials}")),
    ];
    let mut environment = Vec::new();
    if profile.name != "default" {
        // Compose expands `$` in every value.
        environment.push(("AWS_PROFILE".to_owned(), profile.name.replace('$', "$$")));
    }
    if let (Some(region), Delivery::Mount) = (&options.region, delivery) {
        // botocore reads only the second, other SDKs only the first.
        environment.extend(["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (name.to_owned(), region.clone())));
    }
    let mut dotenv = Vec::new();
    match options.env_in {
        EnvIn::Dotenv => dotenv.extend(files),
        EnvIn::Compose => environment.extend(files),
    }
    // Without credentials boto would wait for the instance metadata service of a machine that is none. Last, since an
    // editor follows the quotes of the entry above.
    environment.push(("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()));
    let services = airflow.services().iter().map(|service| (*service).to_owned()).collect();
    Wanted { services, volume: Some(volume), environment, dotenv, ..Wanted::default() }
}
