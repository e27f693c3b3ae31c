//! Whether an action can be done now, and if not, why not: in words for the footer.

use super::{Action, entry};
use crate::app::log::{LogView, Showing};
use crate::app::log_pane::tiles_to_add;
use crate::app::{App, Link, LogMode, Pane};
use crate::observed::{Level, State};

/// Whether an action can be done now.
pub fn is_available(action: Action, app: &App) -> bool {
    refusal(action, app).is_none()
}

/// Why an action cannot be done now; none if it can.
pub fn refusal(action: Action, app: &App) -> Option<String> {
    if acts_on_engine(action) {
        return read_only(app)
            .or_else(|| no_engine(app))
            .or_else(|| no_project(app))
            .or_else(|| verb(action, app));
    }
    let missing = |text: &str, has: bool| (!has).then(|| text.to_owned());
    match action {
        Action::Mark | Action::Tile | Action::Details => {
            missing("no service is selected", app.selected_name().is_some())
        }
        Action::MarkAgain => missing("nothing was marked before", !app.last_marks.is_empty()),
        Action::Open => missing("no web port to open", app.port_to_open().is_some()),
        Action::Copy => missing("nothing to copy", app.text_to_copy().is_some()),
        Action::Diagnostics => missing("the files have no faults", !app.file.diagnostics.is_empty()),
        Action::Profiles => missing("no service of the file has a profile", !app.profiles().is_empty()),
        Action::OnlyMatches | Action::Invert => missing("search for something first", is_searching(app)),
        Action::LogMark
        | Action::SaveMenu
        | Action::SaveLog
        | Action::SaveJson
        | Action::SaveWhole
        | Action::SaveWholeJson
        | Action::Pager
        | Action::Select => missing("no log is shown", shows_log(app)),
        Action::Context => missing("search or choose a level first", is_sifted(app)),
        Action::TileBefore | Action::TileAfter | Action::TileRemove => {
            missing("no tile is shown: v turns to tiles", app.logs.mode == LogMode::Tiles)
        }
        Action::TileAdd => missing("every service has a tile", !tiles_to_add(app).is_empty()),
        Action::CancelRun => missing("no verb is in progress", app.runs.is_busy()),
        _ => None,
    }
}

fn is_searching(app: &App) -> bool {
    app.logs.focused_view().is_some_and(|view| view.searching().is_some())
}

/// Whether the focused view passes lines over.
fn is_sifted(app: &App) -> bool {
    let sifts = |view: &LogView| view.showing() != Showing::All || view.threshold() != Level::Unknown;
    app.logs.focused_view().is_some_and(sifts)
}

fn shows_log(app: &App) -> bool {
    app.logs.focused_view().is_some_and(|view| app.logs.store.stores(view).next().is_some())
}

/// Whether it changes something in the engine, or goes into a container.
fn acts_on_engine(action: Action) -> bool {
    let opens_only = matches!(action, Action::VerbMenu);
    let from_menu = matches!(
        action,
        Action::Recreate
            | Action::Rebuild
            | Action::PullNewer
            | Action::FreshVolumes
            | Action::Build
            | Action::Pull
            | Action::Shell
    );
    !opens_only && (from_menu || entry(action).is_some_and(|entry| entry.is_verb))
}

fn read_only(app: &App) -> Option<String> {
    app.options.read_only.then(|| "read-only: no verbs".to_owned())
}

fn no_engine(app: &App) -> Option<String> {
    match &app.engine.link {
        Link::Connected(_) => None,
        Link::Connecting { .. } => Some("the engine is not connected yet".to_owned()),
        Link::Lost { error, .. } => Some(format!("no engine: {error}")),
    }
}

fn no_project(app: &App) -> Option<String> {
    app.project.is_none().then(|| "no project is shown".to_owned())
}

fn verb(action: Action, app: &App) -> Option<String> {
    match action {
        Action::UpProject => needs_file(app),
        Action::Down => None,
        Action::Shell => no_shell(app),
        Action::Up
        | Action::RecreateMenu
        | Action::Recreate
        | Action::Rebuild
        | Action::PullNewer
        | Action::FreshVolumes
        | Action::Build
        | Action::Pull
        | Action::Run
        | Action::Replicas => no_target(app).or_else(|| needs_file(app)).or_else(|| needs_declared(app)),
        _ => no_target(app),
    }
}

fn no_target(app: &App) -> Option<String> {
    match (app.target(), app.focus) {
        (Some(_), _) => None,
        (None, Pane::Containers) => Some("it has no container".to_owned()),
        (None, _) => Some("no service is selected".to_owned()),
    }
}

/// `up` works from the file: with errors in it nothing is brought up, and the first one is told (invariant 9).
fn needs_file(app: &App) -> Option<String> {
    let reason = || "its compose file is not loaded".to_owned();
    let fault = app.file.first_error().or_else(|| app.file.missing.clone());
    fault.or_else(|| app.shown_project().is_none().then(reason))
}

/// An orphan cannot be brought up, for the file says nothing of it.
fn needs_declared(app: &App) -> Option<String> {
    let project = app.shown_project()?;
    let services = app.services_of(&app.target()?);
    let orphan = services.into_iter().find(|name| project.service(name).is_none())?;
    Some(format!("{orphan} is not in the file"))
}

fn no_shell(app: &App) -> Option<String> {
    match app.container_for_shell() {
        None => Some("no container runs".to_owned()),
        Some(container) if container.state != State::Running => {
            Some(format!("{} does not run", app.short_name(container)))
        }
        Some(_) => None,
    }
}
