//! The dashboard, opened from the command line.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr, eyre};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;

use super::global::Global;
use super::{headless, surroundings};
use crate::app::log::Budget;
use crate::app::{App, Now, Options, Symbols};
use crate::compose::LoadRequest;
use crate::disk::Disk;
use crate::engine::Endpoint;
use crate::runtime::{self, Setup, SharedFiles};
use crate::settings::Settings;
use crate::ui;
use crate::ui::theme::{BUILT_IN, Theme};

/// Opens the dashboard of the project that the command line names.
///
/// # Errors
/// As for [`open()`], and where the engine's address makes no sense.
pub(super) fn run(global: &Global) -> Result<ExitCode> {
    let request = surroundings::load_request(global)?;
    let endpoint = surroundings::endpoint(global)?;
    let state = surroundings::state_folder();
    open(global, Project { request, files: Arc::new(Disk), state }, endpoint, &headless::runtime()?)
}

/// Which project is opened, and where its files lie.
pub(super) struct Project {
    /// What to load.
    pub(super) request: LoadRequest,
    /// From where.
    pub(super) files: SharedFiles,
    /// The folder of the program's state; none where nothing is to be written.
    pub(super) state: Option<PathBuf>,
}

/// Opens the dashboard and stays until the person quits.
///
/// # Errors
/// Where the settings have faults, there is no terminal, or it is lost.
pub(super) fn open(
    global: &Global,
    project: Project,
    endpoint: Endpoint,
    runtime: &Runtime,
) -> Result<ExitCode> {
    let Project { request, files, state } = project;
    let (settings, keymap) = surroundings::settings(global)?;
    let theme = theme(&settings, request.environment.contains_key("NO_COLOR"))?;
    let options = options(&settings, request.project_name.clone());
    let now = Now { wall: Timestamp::now(), mono: Duration::ZERO };
    let app = App::new(options, keymap, now);
    let setup = Setup { request, files, endpoint, app, theme, mouse: settings.mouse, state };
    runtime.block_on(runtime::run(setup))?;
    Ok(ExitCode::SUCCESS)
}

fn options(settings: &Settings, project: Option<String>) -> Options {
    Options {
        read_only: settings.read_only,
        symbols: settings.symbols,
        theme: settings.theme.clone(),
        log_tail: settings.log_tail,
        log_budget: Budget { all: settings.log_budget, each: settings.container_log_budget },
        web_ports: settings.web_ports.clone(),
        project,
        time_zone: TimeZone::system(),
    }
}

/// The theme by its name, or from the file that the setting names.
fn theme(settings: &Settings, has_no_colour: bool) -> Result<Theme> {
    let symbols = match settings.symbols {
        Symbols::Unicode => ui::symbols::UNICODE,
        Symbols::Ascii => ui::symbols::ASCII,
    };
    let theme = if has_no_colour { Theme::plain() } else { named_theme(&settings.theme)? };
    Ok(theme.symbols(symbols))
}

fn named_theme(name: &str) -> Result<Theme> {
    if let Some(theme) = Theme::built_in(name) {
        return Ok(theme);
    }
    let text = fs::read_to_string(name).wrap_err_with(|| {
        let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        format!("find the theme {name:?}, which is none of {} and no file that can be read", known.join(", "))
    })?;
    let (theme, faults) = Theme::terminal().with(&text);
    if faults.is_empty() {
        return Ok(theme);
    }
    let list: Vec<String> = faults.iter().map(|fault| format!("\n  {name}: {fault}")).collect();
    Err(eyre!("the theme has faults; correct them or choose another:{}", list.concat()))
}
