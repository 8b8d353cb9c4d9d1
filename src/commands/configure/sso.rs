//! `configure --sso` without the AWS CLI: an sso-session, a sign-in, an account and a role out of those it gives, a profile.

mod choose;
mod instance;

use crate::aws::access::Access;
use crate::aws::profile::{Chain, ProfileSet, SsoSession};
use crate::cli::{ConfigureArgs, IdentityCenterArgs};
use crate::commands::{App, profile};
use crate::report::outcome::Configured;
use crate::report::{Error, prompt};

use super::answers::{
    Asked, REGIONS, answer, defaults, missing, profile_name, region, scopes, session_name, start_url,
};
use super::write::{Entries, Wanted, profiles, write};
use choose::{Chosen, Stopped, choose};
use instance::{REGION, START_URL, asked_again, is_written, meant};

/// What gives a token that can be renewed, and access to accounts (AWS CLI: customizations/configure/sso.py).
const SCOPE: &str = "sso:account:access";

/// What AWS CLI v2 calls a session where it is asked for one.
const NEW_SESSION: &str = "(a new one)";

pub(super) async fn run(app: &App, args: &ConfigureArgs) -> Result<Configured, Error> {
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let named = args.profile_name.as_deref().or(app.global.profile.as_deref()).or(app.host.env.get("AWS_PROFILE"));
    let mut session = session(app, &set, &args.identity_center, named)?;
    let chosen = loop {
        match chosen(app, &set, &session, &args.identity_center).await {
            Ok(chosen) => break chosen,
            // Every other answer still stands.
            Err(Stopped::Instance(wrong)) if app.may_ask() && !is_written(&set, &session) => {
                session = asked_again(app, session, &wrong)?;
            }
            Err(Stopped::Instance(error) | Stopped::Failed(error)) => return Err(error),
        }
    };
    let name = session.name.clone().unwrap_or_default();
    let Some(chosen) = chosen else {
        return Ok(Configured {
            would_run: Some("a sign-in, then a choice of account and role"),
            profile: named.map(str::to_owned),
            profiles: profiles(app)?,
            files: Vec::new(),
            dry_run: true,
        });
    };
    let Chosen { session, account, role } = &chosen;
    let proposed = format!("{role}-{account}");
    let asked = Asked {
        option: "--profile-name",
        question: "Profile name:",
        default: Some(&proposed),
        suggestions: &[],
        check: profile_name,
    };
    let profile = answer(app, named, &asked)?;
    let now = |key| set.property(&profile, key);
    let [region, output] = defaults(app, args.cli_output.as_deref(), [now("region"), now("output")])?;
    let scopes = session.scopes.join(",");
    let mut of_session: Entries<'_> = vec![("sso_start_url", &session.start_url), ("sso_region", &session.region)];
    if !scopes.is_empty() {
        of_session.push(("sso_registration_scopes", &scopes));
    }
    let mut config: Entries<'_> = vec![("sso_session", &name), ("sso_account_id", account), ("sso_role_name", role)];
    config.extend(region.as_deref().map(|region| ("region", region)));
    config.extend(output.as_deref().map(|output| ("output", output)));
    let is_so = |chain: &Chain| {
        let login = chain.sso().filter(|_| chain.roles.is_empty());
        login.is_some_and(|login| login.session == *session && login.account_id == *account && login.role_name == *role)
    };
    let wanted = Wanted {
        profile: &profile,
        session: Some((&name, of_session)),
        config,
        credentials: Vec::new(),
        is_so: &is_so,
    };
    write(app, &files, &wanted, args.overwrite)
}

/// The sso-session to use: one that is there, with what the options say in its place, or a new one.
fn session(app: &App, set: &ProfileSet, args: &IdentityCenterArgs, profile: Option<&str>) -> Result<SsoSession, Error> {
    let name = name(app, set, args, profile)?;
    let now = |key| set.sso_session_property(&name, key);
    let known = set.sso_session(&name);
    let ask = |given: &Option<String>, now: Option<&str>, asked: Asked<'_>| match (given, now) {
        // What is there is not asked for again.
        (None, Some(now)) => Ok(now.to_owned()),
        (given, _) => answer(app, given.as_deref(), &asked),
    };
    let asked = Asked { option: "--start-url", question: START_URL, default: None, suggestions: &[], check: start_url };
    let start_url = ask(&args.start_url, now("sso_start_url"), asked)?;
    let asked = Asked { option: "--sso-region", question: REGION, default: None, suggestions: REGIONS, check: region };
    let mut region = ask(&args.sso_region, now("sso_region"), asked)?;
    if now("sso_region") != Some(&region) {
        region = meant(app, region)?;
    }
    // Who gives the instance as options is not asked about what nearly everybody leaves as it is.
    let given = match args.scopes.is_empty() {
        true => args.start_url.as_ref().map(|_| SCOPE.to_owned()),
        false => Some(args.scopes.join(",")),
    };
    let question = "Scopes:";
    let asked = Asked { option: "--scopes", question, default: Some(SCOPE), suggestions: &[], check: scopes };
    let scopes = match known {
        // A session of a person's own without scopes is one that they want so.
        Some(known) if args.scopes.is_empty() => known.scopes,
        _ => {
            let text = ask(&given, now("sso_registration_scopes"), asked)?;
            text.split(',').map(|scope| scope.trim().to_owned()).collect()
        }
    };
    Ok(SsoSession { name: Some(name), start_url, region, scopes })
}

fn name(app: &App, set: &ProfileSet, args: &IdentityCenterArgs, profile: Option<&str>) -> Result<String, Error> {
    let asked = Asked {
        option: "--sso-session",
        question: "Name of the sso-session:",
        default: None,
        suggestions: &[],
        check: session_name,
    };
    if args.sso_session.is_some() {
        return answer(app, args.sso_session.as_deref(), &asked);
    }
    if let Some(session) = profile.and_then(|profile| set.property(profile, "sso_session")) {
        return Ok(session.to_owned());
    }
    if !app.may_ask() {
        return Err(missing(app, "--sso-session"));
    }
    let known: Vec<_> = set.sso_sessions().into_iter().filter_map(|session| session.name).collect();
    if known.is_empty() || args.start_url.is_some() {
        return answer(app, None, &asked);
    }
    let choices = known.iter().cloned().chain([NEW_SESSION.to_owned()]).collect();
    match known.get(prompt::select("Which sso-session?", choices)?) {
        Some(known) => Ok(known.clone()),
        None => answer(app, None, &asked),
    }
}

/// Account and role; `None` for a dry run that would have to ask for them.
async fn chosen(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    args: &IdentityCenterArgs,
) -> Result<Option<Chosen>, Stopped> {
    if app.global.dry_run {
        // Signing in writes a token: what was given is taken as it stands.
        let given = args.account.clone().zip(args.role.clone());
        return Ok(given.map(|(account, role)| Chosen { session: session.clone(), account, role }));
    }
    // A missing answer is told before a person signs in for nothing.
    if !app.may_ask() {
        for (option, given) in [("--account", &args.account), ("--role", &args.role)] {
            if given.is_none() {
                return Err(missing(app, option).into());
            }
        }
    }
    let access: Access<'_> = profile::access(app, None);
    choose(app, set, session, args, &access).await.map(Some)
}
