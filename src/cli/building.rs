//! `build` and `pull`: images of services.

use std::collections::BTreeMap;
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr, bail, ensure, eyre};

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::lifecycle::target;
use super::loading::{self, expect_services};
use super::progress::Form;
use super::{bake, out, perform, progress, unsupported};
use crate::compose::model::PullPolicy;
use crate::compose::units::Bytes;
use crate::plan::{BuildOptions, Options, Request, Verb};

/// Options of `build`.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// A variable of the build; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub build_arg: Vec<String>,
    /// The memory that a step may take
    #[arg(short, long, value_name = "BYTES")]
    pub memory: Option<String>,
    /// Use no layer of an earlier build
    #[arg(long)]
    pub no_cache: bool,
    /// How to tell of progress; it belongs before the command
    #[arg(long, hide = true, value_parser = Form::parse)]
    pub progress: Option<Form>,
    /// What is done anyway, as Docker Compose's older options ask for it: several builds at once, and no container left
    #[arg(long, hide = true)]
    pub parallel: bool,
    /// See `parallel`
    #[arg(long, hide = true)]
    pub force_rm: bool,
    /// Of no effect any more, as in Docker Compose: the context goes to the engine as it is
    #[arg(long, hide = true)]
    pub compress: bool,
    /// Of no effect any more, as in Docker Compose: no container of a build is left
    #[arg(long, hide = true)]
    pub no_rm: bool,
    /// Print the builds as a file for Docker's Bake, and build nothing
    #[arg(long)]
    pub print: bool,
    /// Pull base images though they are there
    #[arg(long)]
    pub pull: bool,
    /// Print nothing of the build
    #[arg(short, long)]
    pub quiet: bool,
    /// Build what the services depend on, too
    #[arg(long)]
    pub with_dependencies: bool,
    /// Of `BuildKit`
    #[command(flatten)]
    pub missing: Missing,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// No attestation.
const NONE: &[&str] = &["", "false", "0"];

/// Options of `build` that the engine's classic builder has nothing for: each is refused by name.
#[derive(Debug, clap::Args)]
pub struct Missing {
    #[arg(long, hide = true)]
    builder: Option<String>,
    #[arg(long, hide = true)]
    check: bool,
    #[arg(long, hide = true)]
    provenance: Option<String>,
    #[arg(long, hide = true)]
    push: bool,
    #[arg(long, hide = true)]
    sbom: Option<String>,
    #[arg(long, hide = true)]
    ssh: Option<String>,
}

/// Options of `pull`.
#[derive(Debug, clap::Args)]
pub struct PullArgs {
    /// Leave out images that can be built
    #[arg(long)]
    pub ignore_buildable: bool,
    /// A pull that fails stops nothing
    #[arg(long)]
    pub ignore_pull_failures: bool,
    /// Pull what the services depend on, too
    #[arg(long)]
    pub include_deps: bool,
    /// Which images: missing, always, never or build
    #[arg(long, value_name = "WHICH")]
    pub policy: Option<String>,
    /// Print nothing of the pull
    #[arg(short, long)]
    pub quiet: bool,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Carries out `build`.
///
/// # Errors
/// Where an option is not supported, a service is unknown or cannot be built.
pub fn build(global: &Global, args: &BuildArgs) -> Result<ExitCode> {
    if let Some(name) = args.missing.first() {
        bail!(unsupported::flag(&format!("build --{name}")));
    }
    for name in [("compress", args.compress), ("no-rm", args.no_rm)]
        .iter()
        .filter_map(|(name, is_given)| is_given.then_some(name))
    {
        progress::warn(&format!("build --{name} has no effect"));
    }
    let build_with = BuildOptions {
        no_cache: args.no_cache,
        pull: args.pull,
        arguments: arguments(&args.build_arg),
        memory: args.memory.as_deref().map(bytes).transpose()?,
    };
    if args.print {
        return print(global, args, &build_with);
    }
    let options = Options { build_with, with_dependencies: args.with_dependencies, ..Options::default() };
    let global = Global { progress: args.progress.or(global.progress), ..global.clone() };
    carry_out(&global, Verb::Build, &args.services, options, args.quiet)
}

/// Prints the builds as a file for Bake; nothing where nothing is built.
fn print(global: &Global, args: &BuildArgs, options: &BuildOptions) -> Result<ExitCode> {
    let project = loading::project(global)?;
    expect_services(&project, &args.services)?;
    let mut names = args.services.clone();
    if names.is_empty() {
        names = project.services.keys().cloned().collect();
    }
    if args.with_dependencies {
        project.add_dependencies(&mut names);
    }
    let file = bake::file(&project, &names, options);
    if !file.is_empty() {
        // Go's library escapes these three in every text, and they stand nowhere else.
        let text = serde_json::to_string_pretty(&file).wrap_err("print the builds")?;
        let text = text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
        out::print(&format!("{text}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Carries out `pull`.
///
/// # Errors
/// Where an option makes no sense or a service is unknown.
pub fn pull(global: &Global, args: &PullArgs) -> Result<ExitCode> {
    let pull_policy = match args.policy.as_deref() {
        None | Some("") => None,
        Some("missing") => Some(PullPolicy::Missing),
        Some("always") => Some(PullPolicy::Always),
        Some("never") => Some(PullPolicy::Never),
        Some("build") => Some(PullPolicy::Build),
        Some(other) => bail!("invalid pull policy {other:?}"),
    };
    let options = Options {
        pull_policy,
        ignore_buildable: args.ignore_buildable,
        ignore_failures: args.ignore_pull_failures,
        with_dependencies: args.include_deps,
        ..Options::default()
    };
    carry_out(global, Verb::Pull, &args.services, options, args.quiet)
}

/// How many images are pulled or built at once; none for no limit.
pub fn at_once(session: &Session) -> Option<usize> {
    session.global.parallel.and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0)
}

impl Missing {
    fn first(&self) -> Option<&'static str> {
        // What asks for that which the classic builder is and does is granted.
        let beyond = |value: &Option<String>, granted: &[&str]| {
            value.as_deref().is_some_and(|value| !granted.contains(&value))
        };
        let given = [
            ("builder", beyond(&self.builder, &["", "default"])),
            ("check", self.check),
            ("provenance", beyond(&self.provenance, NONE)),
            ("push", self.push),
            ("sbom", beyond(&self.sbom, NONE)),
            ("ssh", self.ssh.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }
}

fn carry_out(
    global: &Global,
    verb: Verb,
    services: &[String],
    options: Options,
    is_quiet: bool,
) -> Result<ExitCode> {
    block_on(async {
        let mut session = Session::open(global, Wants::File).await?;
        expect_services(session.project()?, services)?;
        session.silence.pulls = is_quiet;
        session.silence.builds = is_quiet;
        let options = Options { images_at_once: at_once(&session), ..options };
        let request = Request { project: session.name.clone(), verb, target: target(services), options };
        Box::pin(perform::verb(&session, &request)).await
    })
}

/// `NAME=value`, or the bare name for the value that the environment has.
fn arguments(given: &[String]) -> BTreeMap<String, Option<String>> {
    let one = |text: &String| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.clone(), None),
    };
    given.iter().map(one).collect()
}

fn bytes(text: &str) -> Result<u64> {
    let bytes =
        Bytes::parse(text).map_err(|_| eyre!("invalid argument {text:?} for \"-m, --memory\" flag"))?;
    ensure!(bytes.0 >= 0, "invalid argument {text:?} for \"-m, --memory\" flag");
    Ok(bytes.0 as u64)
}
