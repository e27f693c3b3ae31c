//! Which files make up the project, from which folder, with which variables, and what it is called.
//!
//! The rules are those of the Compose Specification's "Compose file" and of `docker compose`'s own flags and variables:
//! `-f` before `COMPOSE_FILE` before a walk up the folders; the process environment before `.env`. It reads env files but
//! no compose file.

use std::path::{Path, PathBuf};

use indexmap::IndexSet;

use super::diagnostic::{Cause, Diagnostic, Sources};
use super::dotenv;
use super::source::{Files, absolute, reason};
use super::tree::ValueSource;
use super::variables::{Variable, Variables};
use super::{LoadError, LoadRequest};

/// Names of compose files, the preferred ones first.
pub const FILE_NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Names of the file that is merged over a compose file found by its name.
pub const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What was found out before any compose file is read.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The compose files in the order in which they are merged; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// The folder that relative paths are meant from.
    pub directory: PathBuf,
    /// The process environment and the env files.
    pub variables: Variables,
    /// Env files that were asked for, absolute; the default `.env` is not among them.
    pub environment_files: Vec<PathBuf>,
    /// Active profiles.
    pub profiles: Vec<String>,
}

/// What discovery gathers on its way.
pub struct Discovery<'a> {
    /// What was asked for.
    pub request: &'a LoadRequest,
    /// The files.
    pub files: &'a dyn Files,
    /// Takes the texts that are read.
    pub sources: &'a mut Sources,
    /// Takes what is wrong with them.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Takes every path that is looked at, there or not.
    pub probed: &'a mut IndexSet<PathBuf>,
}

impl Discovery<'_> {
    /// Finds the files, reads the env files and settles the profiles.
    pub fn run(&mut self) -> Result<Discovered, LoadError> {
        let request = self.request;
        let mut found = Discovered {
            variables: Variables::from_environment(&request.environment),
            ..Discovered::default()
        };
        let here = Variable {
            value: request.working_directory.to_string_lossy().into_owned(),
            from: ValueSource::Environment,
        };
        found.variables.set("PWD", here);
        found.environment_files = asked_env_files(request, &found.variables);
        found.files = request.files.iter().map(|file| self.given(file)).collect();

        found.directory = self.directory(&found.files);
        self.env_files(&mut found);
        if found.files.is_empty() {
            found.files =
                self.files_of_variable(&found.variables).map_or_else(|| self.walk(&found.directory), Ok)?;
        }
        found.directory = self.directory(&found.files);
        self.env_files(&mut found);
        found.profiles = profiles(request, &found.variables);
        Ok(found)
    }

    /// A file as `-f` or `COMPOSE_FILE` names it.
    fn given(&self, file: &str) -> PathBuf {
        if file == "-" {
            PathBuf::from(file)
        } else {
            absolute(&self.request.working_directory, Path::new(file))
        }
    }

    /// `--project-directory`, or the folder of the first file, or the one that we stand in.
    fn directory(&self, files: &[PathBuf]) -> PathBuf {
        let here = &self.request.working_directory;
        if let Some(directory) = &self.request.project_directory {
            return absolute(here, directory);
        }
        let first = files.iter().find(|file| file.as_path() != Path::new("-"));
        first.and_then(|file| file.parent()).map_or_else(|| here.clone(), Path::to_path_buf)
    }

    /// The files that `COMPOSE_FILE` names.
    fn files_of_variable(&self, variables: &Variables) -> Option<Vec<PathBuf>> {
        // Set to nothing it names the folder itself, which cannot be read.
        let list = variables.value("COMPOSE_FILE")?;
        let separator =
            variables.value("COMPOSE_PATH_SEPARATOR").filter(|text| !text.is_empty()).unwrap_or(":");
        Some(list.split(separator).map(|file| self.given(file)).collect())
    }

    /// Walks up the folders to the first one with a compose file; takes the override beside it.
    fn walk(&mut self, start: &Path) -> Result<Vec<PathBuf>, LoadError> {
        for folder in start.ancestors() {
            let Some(file) = self.pick(folder, &FILE_NAMES) else { continue };
            let over = self.pick(folder, &OVERRIDE_NAMES);
            return Ok(std::iter::once(file).chain(over).collect());
        }
        Err(LoadError::NoFile { searched: start.ancestors().map(Path::to_path_buf).collect() })
    }

    /// The preferred file of a folder, with a warning where there are several.
    fn pick(&mut self, folder: &Path, names: &[&str]) -> Option<PathBuf> {
        let candidates: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        let there: Vec<&PathBuf> = candidates.iter().filter(|file| self.files.is_file(file)).collect();
        let chosen = there.first().map(|file| (*file).clone());
        if there.len() > 1 {
            let list: Vec<_> = there.iter().filter_map(|file| file.file_name()?.to_str()).collect();
            let message = format!("{} holds several compose files: {}", folder.display(), list.join(", "));
            let help = format!("only {} is read; remove the others or name one by -f", list[0]);
            self.diagnostics.push(Diagnostic::warning(message).help(help));
        }
        self.probed.extend(candidates);
        chosen
    }

    /// Reads the env files that were asked for, else the `.env` of the current directory. What is set stays as it is.
    fn env_files(&mut self, found: &mut Discovered) {
        if !found.environment_files.is_empty() {
            let files = found.environment_files.clone();
            let read = self.read_env_files(&unnamed(files), &found.variables);
            found.variables.fill(&read);
            return;
        }
        if self.is_default_off(&found.variables) {
            return;
        }
        let file = found.directory.join(".env");
        if !self.probed.insert(file.clone()) || !self.files.is_file(&file) {
            return;
        }
        let mut read = self.read_env_files(&unnamed([file]), &found.variables);
        // The file may switch itself off: what it says to Compose counts even so, if it is the first to be read.
        if found.files.is_empty() || !self.request.files.is_empty() {
            let mut both = found.variables.clone();
            both.fill(&read);
            if self.is_default_off(&both) {
                read.retain(|name| name.starts_with("COMPOSE_"));
            }
        }
        found.variables.fill(&read);
    }

    /// Whether `COMPOSE_DISABLE_ENV_FILE` says that `.env` is not read; a text that is no boolean is reported.
    fn is_default_off(&mut self, variables: &Variables) -> bool {
        let Some(variable) = variables.get("COMPOSE_DISABLE_ENV_FILE") else { return false };
        if let Some(off) = go_boolean(&variable.value) {
            return off;
        }
        let message =
            format!("`COMPOSE_DISABLE_ENV_FILE` must be true or false, and `{}` is neither", variable.value);
        let finding = Diagnostic::error(message).help("set it to true or false, or leave it out");
        self.diagnostics.push(match variable.from {
            ValueSource::File(span) => finding.at(span),
            _ => finding,
        });
        true
    }

    /// Reads several env files, each seeing the ones before it and winning over them. With each comes what names it.
    pub(super) fn read_env_files(
        &mut self,
        files: &[(PathBuf, Option<Cause>)],
        variables: &Variables,
    ) -> Variables {
        let mut all = Variables::default();
        for (file, cause) in files {
            let name = self.request.shown(file);
            self.probed.insert(file.clone());
            let text = match self.files.read(file) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => {
                    let message = format!("cannot read the env file {name}: {}", reason(&error));
                    let finding = Diagnostic::error(message);
                    self.diagnostics.push(match cause {
                        Some(cause) => finding.at(cause.span).label("names this file"),
                        None => finding.help("it is named by --env-file or COMPOSE_ENV_FILES"),
                    });
                    continue;
                }
            };
            let known = self.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id);
            let id = known.unwrap_or_else(|| self.sources.add_from(name, text.as_str(), *cause));
            let parsed = dotenv::parse(&text, id, &|name| variables.get(name).cloned(), &all);
            self.diagnostics.extend(parsed.diagnostics);
            all.overlay(parsed.variables);
        }
        all
    }
}

/// Files that nothing in a file names.
fn unnamed(files: impl IntoIterator<Item = PathBuf>) -> Vec<(PathBuf, Option<Cause>)> {
    files.into_iter().map(|file| (file, None)).collect()
}

/// `--env-file`, or else `COMPOSE_ENV_FILES`, split at commas.
fn asked_env_files(request: &LoadRequest, variables: &Variables) -> Vec<PathBuf> {
    let here = &request.working_directory;
    if !request.env_files.is_empty() {
        return request.env_files.iter().map(|file| absolute(here, file)).collect();
    }
    let list = variables.value("COMPOSE_ENV_FILES").unwrap_or_default();
    list.split(',').filter(|file| !file.is_empty()).map(|file| absolute(here, Path::new(file))).collect()
}

/// `--profile`, or else `COMPOSE_PROFILES`, split at commas. Of nothing that makes one profile without a name, which Docker
/// Compose has active then.
fn profiles(request: &LoadRequest, variables: &Variables) -> Vec<String> {
    if !request.profiles.is_empty() {
        return request.profiles.clone();
    }
    let list = variables.value("COMPOSE_PROFILES").unwrap_or_default();
    list.split(',').map(str::trim).map(str::to_owned).collect()
}

/// `-p`, or `COMPOSE_PROJECT_NAME`.
pub fn given_name<'a>(request: &'a LoadRequest, variables: &'a Variables) -> Option<&'a str> {
    let given = request.project_name.as_deref().filter(|name| !name.is_empty());
    given.or(variables.value("COMPOSE_PROJECT_NAME")).filter(|name| !name.is_empty())
}

/// The project's name: `-p`, `COMPOSE_PROJECT_NAME`, the last `name:` of the files, or that of the folder. The first two
/// must be normal names already; the others are made so.
pub fn project_name(
    request: &LoadRequest,
    variables: &Variables,
    named: Option<&str>,
    directory: &Path,
) -> Result<String, LoadError> {
    if let Some(name) = given_name(request, variables).map(str::to_owned) {
        return if normal_name(&name) == name { Ok(name) } else { Err(LoadError::BadName { name }) };
    }
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let candidates = [named.unwrap_or_default(), &folder].map(normal_name);
    candidates.into_iter().find(|name| !name.is_empty()).ok_or(LoadError::NoName)
}

/// Lower case, only letters, digits, `-` and `_`, beginning with a letter or digit.
pub fn normal_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String = lower
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

/// A boolean as Go's `strconv.ParseBool` takes it.
fn go_boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::MemoryFiles;
    use super::*;

    fn run(request: &LoadRequest, files: &[(&str, &str)]) -> Result<Discovered, LoadError> {
        let files = MemoryFiles::new(files.iter().map(|(path, text)| (*path, *text)));
        let (mut sources, mut diagnostics, mut probed) = (Sources::default(), Vec::new(), IndexSet::new());
        let mut discovery = Discovery {
            request,
            files: &files,
            sources: &mut sources,
            diagnostics: &mut diagnostics,
            probed: &mut probed,
        };
        discovery.run()
    }

    fn request(folder: &str) -> LoadRequest {
        LoadRequest { working_directory: folder.into(), ..LoadRequest::default() }
    }

    fn names(found: &Discovered) -> Vec<&str> {
        found.files.iter().filter_map(|file| file.to_str()).collect()
    }

    #[test]
    fn the_nearest_folder_with_a_compose_file_wins() {
        let files = [("/p/compose.yml", ""), ("/p/docker-compose.yml", ""), ("/p/compose.override.yaml", "")];
        let found = run(&request("/p/a/b"), &files).expect("found");
        assert_eq!(names(&found), ["/p/compose.yml", "/p/compose.override.yaml"]);
        assert_eq!(found.directory, Path::new("/p"));
        let error = run(&request("/x/y"), &files).expect_err("none");
        assert_eq!(error.to_string(), "no compose file found in /x/y, /x, /");
    }

    #[test]
    fn env_files_rank_below_the_environment_and_the_nearer_first() {
        let files = [
            ("/p/compose.yml", ""),
            ("/p/.env", "A=p\nB=p\nC=p\nCOMPOSE_PROFILES=x, y"),
            ("/p/a/.env", "A=a\nB=a"),
        ];
        let mut request = request("/p/a");
        request.environment.insert("A".to_owned(), "os".to_owned());
        let found = run(&request, &files).expect("found");
        let values = ["A", "B", "C"].map(|name| found.variables.value(name));
        assert_eq!(values, [Some("os"), Some("a"), Some("p")]);
        assert_eq!(found.profiles, ["x", "y"]);
    }

    #[test]
    fn files_that_are_named_set_the_folder() {
        let files = [("/p/.env", "A=p"), ("/q/.env", "A=q\nCOMPOSE_FILE=one.yml:sub/two.yml")];
        let mut named = request("/q");
        named.files = vec!["../p/x.yml".to_owned()];
        let found = run(&named, &files).expect("found");
        assert_eq!((names(&found), found.variables.value("A")), (vec!["/p/x.yml"], Some("p")));
        let found = run(&request("/q"), &files).expect("found");
        assert_eq!(names(&found), ["/q/one.yml", "/q/sub/two.yml"]);
    }

    #[test]
    fn names_are_normal() {
        let name = |given: Option<&str>, named: Option<&str>, folder: &str| {
            let request = LoadRequest { project_name: given.map(str::to_owned), ..LoadRequest::default() };
            project_name(&request, &Variables::default(), named, Path::new(folder))
        };
        assert_eq!(name(Some("p"), Some("n"), "/f"), Ok("p".to_owned()));
        assert_eq!(name(None, Some("Foo_Bar.x"), "/f"), Ok("foo_barx".to_owned()));
        assert_eq!(name(None, None, "/-Ab C.d"), Ok("abcd".to_owned()));
        assert_eq!(name(Some("Foo"), None, "/f"), Err(LoadError::BadName { name: "Foo".to_owned() }));
        assert_eq!(name(None, None, "/..."), Err(LoadError::NoName));
    }
}
