//! A project where there is none yet: `astro dev init` in an empty folder, offered on a terminal or asked for by `--create`.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::InitArgs;
use crate::commands::App;
use crate::commands::project::{Workspace, start_folder};
use crate::host::program;
use crate::report::{Error, Kind, prompt};

/// Opens the project, after making one where the folder is empty and a person wants it.
///
/// # Errors
/// [`Kind::Project`] where there is none in the end.
pub(super) fn open_or_create(app: &mut App, args: &InitArgs) -> Result<Workspace, Error> {
    let error = match Workspace::open(app) {
        Ok(workspace) => return Ok(workspace),
        Err(error) => error,
    };
    let folder = start_folder(app);
    if error.kind != Kind::Project || !is_empty(&folder) {
        return Err(error);
    }
    let Some(astro) = program::find("astro", &app.host.env, &app.host.cwd) else {
        return Err(error.hint("there is no `astro` on PATH: install the Astro CLI first"));
    };
    if app.global.dry_run {
        return Err(error.hint("without --dry-run, `astro-aws init --create` would run `astro dev init` here"));
    }
    if !args.create {
        if !app.may_ask() {
            return Err(error.hint("the folder is empty: `astro-aws init --create` runs `astro dev init` here"));
        }
        if !prompt::confirm("This folder is empty. Run `astro dev init` here?", true)? {
            return Err(error);
        }
    }
    app.report.note("Running `astro dev init`");
    let argv: Vec<OsString> = vec![astro.into(), "dev".into(), "init".into()];
    match app.run_in_terminal_at(&argv, &folder)? {
        Some(0) => Workspace::open(app),
        _ => Err(Error::new(Kind::Project, "`astro dev init` did not succeed").hint("it has said why above")),
    }
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
