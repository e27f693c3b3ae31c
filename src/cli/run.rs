//! `run`: a one-off container of a service, with what it depends on brought up first.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::process::ExitCode;

use color_eyre::eyre::{Result, bail, ensure, eyre};

use super::building::at_once;
use super::global::Global;
use super::headless::{Session, Wants, block_on, exit_code};
use super::loading::expect_services;
use super::perform::{self, Ended};
use super::signals::Interrupts;
use super::streams::{self, Streaming};
use super::{oneoff, out, up};
use crate::compose::model::Service;
use crate::engine::{Attachment, cancellation};
use crate::observed::{Container, ContainerId};
use crate::plan::{OneOff, Options, Request, Target, Verb};

/// Options of `run`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Build the image first
    #[arg(long)]
    pub build: bool,
    /// Add a Linux capability; may be repeated
    #[arg(long, value_name = "NAME")]
    pub cap_add: Vec<String>,
    /// Drop a Linux capability; may be repeated
    #[arg(long, value_name = "NAME")]
    pub cap_drop: Vec<String>,
    /// Leave it running in the background and print its id
    #[arg(short, long)]
    pub detach: bool,
    /// Run this in place of the image's entry point
    #[arg(long, value_name = "COMMAND")]
    pub entrypoint: Option<String>,
    /// A variable, or the name of one of the environment; may be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Variables from a file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub env_from_file: Vec<String>,
    /// Keep standard input open
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", hide_default_value = true, action = clap::ArgAction::Set)]
    pub interactive: bool,
    /// A label; may be repeated
    #[arg(short, long, value_name = "NAME=VALUE", alias = "labels")]
    pub label: Vec<String>,
    /// The container's name
    #[arg(long)]
    pub name: Option<String>,
    /// No terminal, even where there is one
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub no_terminal: bool,
    /// Leave out what the service depends on
    #[arg(long)]
    pub no_deps: bool,
    /// Publish a port; may be repeated
    #[arg(short, long, value_name = "PORT")]
    pub publish: Vec<String>,
    /// Pull images: always, missing, never, or by each service's own policy
    #[arg(long, value_name = "WHEN", default_value = "policy")]
    pub pull: String,
    /// Tell nothing but what the program prints
    #[arg(short, long)]
    pub quiet: bool,
    /// Say nothing of builds
    #[arg(long)]
    pub quiet_build: bool,
    /// Say nothing of pulls
    #[arg(long)]
    pub quiet_pull: bool,
    /// Remove containers of services that the file does not have
    #[arg(long)]
    pub remove_orphans: bool,
    /// Remove the container once it has ended
    #[arg(long)]
    pub rm: bool,
    /// Publish the service's own ports
    #[arg(short = 'P', long)]
    pub service_ports: bool,
    /// A terminal, where there is one
    #[arg(short, long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub tty: Option<bool>,
    /// Go by the service's names in its networks
    #[arg(long)]
    pub use_aliases: bool,
    /// As whom
    #[arg(short, long)]
    pub user: Option<String>,
    /// Mount something; may be repeated
    #[arg(short, long, value_name = "MOUNT", alias = "volumes")]
    pub volume: Vec<String>,
    /// In which folder
    #[arg(short, long, value_name = "FOLDER")]
    pub workdir: Option<String>,
    /// The service, and the command in place of its own
    #[arg(value_name = "SERVICE [COMMAND] [ARGS...]", trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// Carries out `run`.
///
/// # Errors
/// Where options make no sense, the service is unknown, what it depends on does not come up, or it cannot be started.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let (service, words) = streams::split(&args.words, 1)?;
    ensure!(args.tty.is_none() || !args.no_terminal, "--tty and --no-TTY can't be used together");
    let no_terminal = args.tty.map_or(args.no_terminal, |wanted| !wanted);
    block_on(async {
        let mut session = Session::open(global, Wants::File).await?;
        expect_services(session.project()?, std::slice::from_ref(service))?;
        session.silence.pulls = args.quiet_pull || args.quiet;
        session.silence.builds = args.quiet_build || args.quiet;
        if args.quiet {
            session.progress = session.progress.quiet();
        }
        let given = oneoff::read(args, session.project()?)?;
        if let Some(code) = bring_up_dependencies(&session, args, service).await? {
            return Ok(code);
        }
        ensure!(!global.dry_run || args.detach, "interactive run is not supported in dry-run mode");
        let terminal = !no_terminal && !args.detach && streams::has_terminal(args.interactive);
        let is_asked = args.tty == Some(true) && !args.detach;
        ensure!(terminal || !is_asked, "the input device is not a TTY");
        let one_off = OneOff {
            slug: slug(),
            auto_remove: args.rm,
            use_aliases: args.use_aliases,
            interactive: args.interactive,
        };
        let name = change_service(&mut session, args, service, words, given, &one_off, terminal)?;
        let container = match create(&session, args, service, one_off, &name).await? {
            Ok(container) => container,
            Err(code) => return Ok(code),
        };
        start(&session, args, &container, terminal).await
    })
}

/// Brings up what the service depends on, and sees to orphans whether it depends on anything or not, as Docker Compose does;
/// an exit code where that went wrong.
async fn bring_up_dependencies(session: &Session, args: &Args, service: &str) -> Result<Option<ExitCode>> {
    let project = session.project()?;
    let depends_on = project.service(service).map(|service| service.depends_on.clone()).unwrap_or_default();
    let wanted = depends_on.iter().filter(|(name, how)| how.required || project.services.contains_key(*name));
    let names = wanted.filter(|_| !args.no_deps).map(|(name, _)| name.clone()).collect();
    let options = Options { remove_orphans: args.remove_orphans, ..options(session, args)? };
    let request = request(session, Verb::Up, Target::Services(names), options);
    let (canceller, cancel) = cancellation();
    let mut interrupts = Interrupts::listen();
    let work = Box::pin(perform::perform(session, &request, &cancel));
    match interrupts.cancelling(&canceller, work).await? {
        Ended::Well => Ok(None),
        other => Ok(Some(other.code())),
    }
}

/// Puts the one-off's service in place of its own; gives the container's name.
fn change_service(
    session: &mut Session,
    args: &Args,
    name: &str,
    words: &[String],
    given: Service,
    one_off: &OneOff,
    terminal: bool,
) -> Result<String> {
    let project =
        session.project.as_mut().ok_or_else(|| eyre!("no configuration file provided: not found"))?;
    let mut service: Service =
        project.service(name).cloned().ok_or_else(|| eyre!("no such service: {name}"))?;
    oneoff::apply(args, given, &mut service, words);
    service.tty = terminal;
    service.stdin_open = args.interactive;
    let short: String = one_off.slug.chars().take(12).collect();
    let container = args.name.clone().unwrap_or_else(|| {
        let between = project.separator();
        format!("{}{between}{name}{between}run{between}{short}", project.name)
    });
    service.container_name = Some(container.clone());
    match project.services.get_mut(name).or(project.disabled_services.get_mut(name)) {
        Some(place) => *place = service,
        None => bail!("no such service: {name}"),
    }
    Ok(container)
}

/// Makes the container; an exit code where that went wrong.
async fn create(
    session: &Session,
    args: &Args,
    service: &str,
    one_off: OneOff,
    name: &str,
) -> Result<Result<Container, ExitCode>> {
    let options = Options { no_dependencies: args.no_deps, ..options(session, args)? };
    let target = Target::Services(vec![service.to_owned()]);
    let request = request(session, Verb::Run(Box::new(one_off)), target, options);
    let (canceller, cancel) = cancellation();
    let mut interrupts = Interrupts::listen();
    let work = Box::pin(perform::perform(session, &request, &cancel));
    match interrupts.cancelling(&canceller, work).await? {
        Ended::Well if session.global.dry_run => return Ok(Err(ExitCode::SUCCESS)),
        Ended::Well => {}
        other => return Ok(Err(other.code())),
    }
    let made = session.engine.inspect(&ContainerId::from(name)).await?;
    made.map(Ok).ok_or_else(|| eyre!("the container {name} is gone"))
}

/// Starts the container and stays with it to its end, unless it is left to itself.
async fn start(session: &Session, args: &Args, container: &Container, terminal: bool) -> Result<ExitCode> {
    let engine = &session.engine;
    if args.detach {
        engine.begin(&container.id).await?;
        out::print(&format!("{}\n", container.id))?;
        return Ok(ExitCode::SUCCESS);
    }
    let attachment = Attachment { input: args.interactive, terminal, ..Attachment::default() };
    let connection = engine.attach(&container.id, &attachment).await?;
    let ended = engine.next_exit(&container.id, args.rm).await?;
    let begun = engine.begin(&container.id).await;
    if let Err(error) = begun {
        // A container that cannot be started and was to remove itself is in nobody's interest.
        if args.rm {
            let _ = engine.discard(&container.id).await;
        }
        return Err(error.into());
    }
    let streaming = Streaming { input: args.interactive, terminal, signals: true };
    let code = streams::until_exit(engine, &container.id, connection, ended, streaming).await?;
    Ok(exit_code(code.unwrap_or(0)))
}

fn options(session: &Session, args: &Args) -> Result<Options> {
    Ok(Options {
        leave_to_engine: !session.global.dry_run,
        build: args.build,
        pull_policy: up::policy(&args.pull)?,
        images_at_once: at_once(session),
        ..Options::default()
    })
}

fn request(session: &Session, verb: Verb, target: Target, options: Options) -> Request {
    Request { project: session.name.clone(), verb, target, options }
}

/// 64 hexadecimal digits that no other has: the standard library seeds every hasher anew.
fn slug() -> String {
    (0..4).map(|_| format!("{:016x}", RandomState::new().build_hasher().finish())).collect()
}
