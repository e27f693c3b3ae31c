//! What the program finds around itself: the environment, the folders, the settings. Read once, at the edge; nothing
//! below reads the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use color_eyre::eyre::{Result, WrapErr, eyre};
use etcetera::{BaseStrategy, choose_base_strategy};

use super::global::Global;
use crate::app::Keymap;
use crate::compose::LoadRequest;
use crate::engine::{Endpoint, Surroundings};
use crate::settings::{Settings, SettingsFault};

/// The environment's variables. One that is no UTF-8 is left out: no compose file can name it.
pub fn environment() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The user's home folder, where there is one.
pub fn home() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}

/// The folder that we stand in.
///
/// # Errors
/// Where it is gone.
pub fn working_directory() -> Result<PathBuf> {
    env::current_dir().wrap_err("find the working folder")
}

/// The folder for what may be deleted at any time.
///
/// # Errors
/// Where the system has no home folder.
pub fn cache_folder() -> Result<PathBuf> {
    Ok(choose_base_strategy().wrap_err("find the cache folder")?.cache_dir().join("dockside"))
}

/// The folder for what the program remembers; none where the system has no such folder.
pub fn state_folder() -> Option<PathBuf> {
    let strategy = choose_base_strategy().ok()?;
    Some(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("dockside"))
}

/// What to load, as the command line and the environment say.
///
/// # Errors
/// Where the working folder is gone.
pub fn load_request(global: &Global) -> Result<LoadRequest> {
    let working_directory = working_directory()?;
    Ok(LoadRequest {
        working_directory,
        files: global.files.clone(),
        project_name: global.project_name.clone(),
        project_directory: global.project_directory.clone(),
        profiles: global.profiles.clone(),
        env_files: global.env_files.clone(),
        environment: environment(),
        home: home(),
        all_resources: global.all_resources,
        is_compatible: global.compatibility,
        ..LoadRequest::default()
    })
}

/// The engine to talk to.
///
/// # Errors
/// Where the address makes no sense or is of a kind that is not spoken.
pub fn endpoint(global: &Global) -> Result<Endpoint> {
    let surroundings = Surroundings {
        host: global.host.clone(),
        environment: environment(),
        home: home(),
        default_socket: None,
    };
    Ok(Endpoint::resolve(&surroundings)?)
}

/// The user's settings and the keymap that they give.
///
/// # Errors
/// Where the file cannot be read, or with all of its faults.
pub fn settings(global: &Global) -> Result<(Settings, Keymap)> {
    let (path, text) = match &global.config {
        Some(path) => (
            path.clone(),
            fs::read_to_string(path).wrap_err_with(|| format!("read the settings {}", path.display()))?,
        ),
        None => default_settings()?,
    };
    let (mut settings, mut faults) = Settings::read(&text);
    settings.read_only |= global.read_only;
    match settings.keymap() {
        Ok(keymap) if faults.is_empty() => return Ok((settings, keymap)),
        Ok(_) => {}
        Err(of_keys) => faults.extend(of_keys),
    }
    faults.sort_by_key(|fault| fault.place);
    Err(faulty(&path, &faults))
}

fn default_settings() -> Result<(PathBuf, String)> {
    let folder = choose_base_strategy().wrap_err("find the configuration folder")?.config_dir();
    let path = folder.join("dockside").join("config.toml");
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((path, String::new())),
        Err(error) => Err(error).wrap_err_with(|| format!("read the settings {}", path.display())),
    }
}

fn faulty(path: &Path, faults: &[SettingsFault]) -> color_eyre::Report {
    let list: Vec<String> = faults.iter().map(|fault| format!("\n  {}:{fault}", path.display())).collect();
    eyre!("the settings have faults; correct them or give another file with --config:{}", list.concat())
}
