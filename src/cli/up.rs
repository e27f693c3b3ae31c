//! `up`, `create` and `scale`: what runs is made to match the file. Attached, `up` goes on in `attached`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use color_eyre::eyre::{Report, Result, bail, ensure, eyre};

use super::attached::{self, Follow};
use super::building;
use super::global::{Global, says_yes};
use super::headless::{Session, Wants, block_on};
use super::lifecycle::{seconds, target};
use super::loading::expect_services;
use super::perform;
use super::printer::Style;
use super::signals::Interrupts;
use super::{progress, prompt, unsupported};
use crate::compose::model::PullPolicy;
use crate::engine::cancellation;
use crate::plan::{Options, Plan, PlanNote, Request, Target, Verb};

/// Options that `up` and `create` share.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct Creation {
    /// Build images first, even those that are there
    #[arg(long)]
    pub build: bool,
    /// Recreate the named services' containers though nothing changed
    #[arg(long)]
    pub force_recreate: bool,
    /// Build nothing
    #[arg(long)]
    pub no_build: bool,
    /// Recreate nothing, whatever has changed
    #[arg(long)]
    pub no_recreate: bool,
    /// Pull images: always, missing, never, or by each service's own policy
    #[arg(long, value_name = "WHEN", default_value = "policy")]
    pub pull: String,
    /// Say nothing of pulls
    #[arg(long)]
    pub quiet_pull: bool,
    /// Remove containers of services that the file does not have
    #[arg(long)]
    pub remove_orphans: bool,
    /// How many replicas a service gets; may be repeated
    #[arg(long, value_name = "SERVICE=NUMBER")]
    pub scale: Vec<String>,
    /// Say yes to every question
    #[arg(short, long)]
    pub yes: bool,
}

/// Options of `create`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct CreateArgs {
    /// What it shares with `up`.
    #[command(flatten)]
    pub creation: Creation,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Options of `scale`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ScaleArgs {
    /// Leave out what the services depend on
    #[arg(long)]
    pub no_deps: bool,
    /// How many replicas each service gets
    #[arg(value_name = "SERVICE=NUMBER")]
    pub scale: Vec<String>,
}

/// Options of `up`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct Args {
    /// What it shares with `create`.
    #[command(flatten)]
    pub creation: Creation,
    /// Stop all once one container has ended
    #[arg(long)]
    pub abort_on_container_exit: bool,
    /// Stop all once one container has failed
    #[arg(long)]
    pub abort_on_container_failure: bool,
    /// Recreate what the named services depend on, though nothing changed
    #[arg(long)]
    pub always_recreate_deps: bool,
    /// Show the output of these services only; may be repeated
    #[arg(long, value_name = "SERVICE")]
    pub attach: Vec<String>,
    /// Show the output of what the named services depend on, too
    #[arg(long)]
    pub attach_dependencies: bool,
    /// Leave the containers running in the background
    #[arg(short, long)]
    pub detach: bool,
    /// End with the exit code of this service, once one container has ended
    #[arg(long, value_name = "SERVICE")]
    pub exit_code_from: Option<String>,
    /// Keys while attached: not there, the dashboard has them
    #[arg(long, hide = true)]
    pub menu: bool,
    /// Do not show the output of these services; may be repeated
    #[arg(long, value_name = "SERVICE")]
    pub no_attach: Vec<String>,
    /// No colours
    #[arg(long)]
    pub no_color: bool,
    /// Leave out what the named services depend on
    #[arg(long)]
    pub no_deps: bool,
    /// No names before the lines
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Make everything, start nothing
    #[arg(long)]
    pub no_start: bool,
    /// Say nothing of builds
    #[arg(long)]
    pub quiet_build: bool,
    /// New anonymous volumes in place of those of the containers before
    #[arg(short = 'V', long)]
    pub renew_anon_volumes: bool,
    /// Seconds that a container gets to end by itself, over its own
    #[arg(short, long, value_name = "SECONDS")]
    pub timeout: Option<i64>,
    /// The time before each line
    #[arg(long)]
    pub timestamps: bool,
    /// Wait until all is running or healthy, in the background
    #[arg(long)]
    pub wait: bool,
    /// How many seconds to wait at most
    #[arg(long, value_name = "SECONDS")]
    pub wait_timeout: Option<i64>,
    /// Follow changes of the source: not there yet
    #[arg(short, long, hide = true)]
    pub watch: bool,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Carries out `up`.
///
/// # Errors
/// Where the options contradict each other, there is no plan, or the engine is lost.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let mut args = args.clone();
    check(&mut args)?;
    block_on(async {
        let session = open(global, &args.creation, args.quiet_build).await?;
        let project = session.project()?;
        expect_services(project, &args.services)?;
        ensure!(
            global.all_resources || !project.services.is_empty() || !args.services.is_empty(),
            "no service selected"
        );
        let mut options = options(&session, &args.creation)?;
        options.strict = true;
        // Of `up` alone, and from `.env` as well.
        options.remove_orphans |= says_yes(project, "COMPOSE_REMOVE_ORPHANS");
        options.no_dependencies = args.no_deps;
        options.recreate_dependencies = args.always_recreate_deps;
        options.renew_volumes = args.renew_anon_volumes;
        options.no_start = args.no_start;
        options.timeout = seconds(args.timeout);
        options.wait = args.wait;
        options.wait_timeout = seconds(args.wait_timeout).filter(|limit| args.wait && !limit.is_zero());
        let request = request(&session, target(&args.services), options);
        let (request, plan) = with_consent(&session, request, args.creation.yes).await?;
        if args.detach || args.no_start || global.dry_run {
            return detached(&session, &request, plan).await;
        }
        Box::pin(attached::run(&session, &request, &follow(&session, &args)?)).await
    })
}

/// Carries out `create`.
///
/// # Errors
/// As for [`run`].
pub fn create(global: &Global, args: &CreateArgs) -> Result<ExitCode> {
    check_creation(&args.creation)?;
    block_on(async {
        let session = open(global, &args.creation, false).await?;
        expect_services(session.project()?, &args.services)?;
        let options = Options { no_start: true, ..options(&session, &args.creation)? };
        let request = request(&session, target(&args.services), options);
        let (request, plan) = with_consent(&session, request, args.creation.yes).await?;
        detached(&session, &request, plan).await
    })
}

/// Carries out `scale`: `up` of these services, nothing recreated.
///
/// # Errors
/// As for [`run`].
pub fn scale(global: &Global, args: &ScaleArgs) -> Result<ExitCode> {
    ensure!(!args.scale.is_empty(), "requires at least 1 arg(s), only received 0");
    let scale = scales(&args.scale, |text| match text.split_once('=') {
        Some((_, number)) if !number.is_empty() => {
            eyre!("invalid scale specifier: can't parse replica value as int: {text}")
        }
        _ => eyre!("invalid scale specifier: {text}"),
    })?;
    block_on(async {
        let session = Session::open(global, Wants::File).await?;
        let names: Vec<String> = scale.keys().cloned().collect();
        expect_services(session.project()?, &names)?;
        let options = Options {
            scale,
            no_dependencies: args.no_deps,
            no_recreate: true,
            leave_to_engine: !session.global.dry_run,
            images_at_once: building::at_once(&session),
            ..Options::default()
        };
        let request = request(&session, Target::Services(names), options);
        Box::pin(perform::verb(&session, &request)).await
    })
}

/// The options that `create` has as well.
fn options(session: &Session, creation: &Creation) -> Result<Options> {
    let scale = scales(&creation.scale, |text| {
        let number = text.split_once('=').map(|(_, number)| number);
        number.map_or_else(
            || eyre!("invalid --scale option {text:?}. Should be SERVICE=NUM"),
            |number| eyre!("strconv.Atoi: parsing {number:?}: invalid syntax"),
        )
    })?;
    let project = session.project()?;
    if let Some(name) = scale.keys().find(|name| project.service(name).is_none()) {
        bail!("no such service: {name}: not found");
    }
    ensure!(
        !(creation.remove_orphans && says_yes(project, "COMPOSE_IGNORE_ORPHANS")),
        "cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans"
    );
    Ok(Options {
        build: creation.build,
        no_build: creation.no_build,
        pull_policy: policy(&creation.pull)?,
        force_recreate: creation.force_recreate,
        no_recreate: creation.no_recreate,
        all_resources: session.global.all_resources,
        leave_to_engine: !session.global.dry_run,
        remove_orphans: creation.remove_orphans,
        scale,
        images_at_once: building::at_once(session),
        ..Options::default()
    })
}

/// A value of `--pull`.
///
/// # Errors
/// One that is none.
pub fn policy(text: &str) -> Result<Option<PullPolicy>> {
    match text {
        "policy" | "" => Ok(None),
        "always" => Ok(Some(PullPolicy::Always)),
        "missing" => Ok(Some(PullPolicy::Missing)),
        "never" => Ok(Some(PullPolicy::Never)),
        "build" => Ok(Some(PullPolicy::Build)),
        other => Err(eyre!("invalid --pull option {other:?}")),
    }
}

/// `web=3` for each service; each verb has its own words for what is none.
fn scales(given: &[String], fault: impl Fn(&str) -> Report) -> Result<BTreeMap<String, u32>> {
    let one = |text: &String| {
        let (name, number) =
            text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| fault(text))?;
        Ok((name.to_owned(), number.parse().map_err(|_| fault(text))?))
    };
    given.iter().map(one).collect()
}

async fn open(global: &Global, creation: &Creation, quiet_build: bool) -> Result<Session> {
    let mut session = Session::open(global, Wants::File).await?;
    session.silence.pulls = creation.quiet_pull;
    session.silence.builds = quiet_build;
    Ok(session)
}

fn request(session: &Session, target: Target, options: Options) -> Request {
    Request { project: session.name.clone(), verb: Verb::Up, target, options }
}

/// Plans, and asks whether volumes that differ from the file are made anew, as Docker Compose does.
async fn with_consent(session: &Session, mut request: Request, yes: bool) -> Result<(Request, Plan)> {
    let plan = perform::plan(session, &request).await?;
    let mut agreed = false;
    for note in plan.notes.iter().filter(|_| !session.global.dry_run) {
        let PlanNote::VolumeDiffers { volume } = note else { continue };
        let question = format!(
            "Volume {volume:?} exists but doesn't match configuration in compose file. Recreate (data will be lost)?"
        );
        agreed |= yes || prompt::confirm(&question)?;
    }
    if !agreed {
        return Ok((request, plan));
    }
    request.options.recreate_volumes = true;
    let plan = perform::plan(session, &request).await?;
    Ok((request, plan))
}

/// Brings up, and returns.
async fn detached(session: &Session, request: &Request, plan: Plan) -> Result<ExitCode> {
    let (canceller, cancel) = cancellation();
    let work = Box::pin(perform::carry_out(session, request, plan, &cancel));
    Ok(Interrupts::listen().cancelling(&canceller, work).await?.code())
}

/// Whose output is shown and what ends the watching.
fn follow(session: &Session, args: &Args) -> Result<Follow> {
    let project = session.project()?;
    let is_coloured = progress::colours(&session.global, &session.variables, &std::io::stdout());
    let named: Vec<String> = if args.services.is_empty() {
        project.services.keys().cloned().collect()
    } else {
        args.services.clone()
    };
    let mut shown = named.clone();
    if args.attach_dependencies {
        project.add_dependencies(&mut shown);
    }
    shown.retain(|name| project.service(name).is_some_and(|service| service.attach != Some(false)));
    if !args.attach.is_empty() {
        let strangers: Vec<&str> =
            args.attach.iter().filter(|name| project.service(name).is_none()).map(String::as_str).collect();
        ensure!(
            strangers.is_empty(),
            "cannot attach to services not included in up: {}",
            strangers.join(", ")
        );
        shown.clone_from(&args.attach);
    }
    shown.retain(|name| !args.no_attach.contains(name));
    if shown.is_empty() {
        // With nobody left to show, Docker Compose shows all.
        shown.clone_from(&named);
        project.add_dependencies(&mut shown);
    }
    if let Some(name) = &args.exit_code_from {
        expect_services(project, std::slice::from_ref(name))?;
    }
    Ok(Follow {
        shown,
        named,
        abort_on_exit: args.abort_on_container_exit,
        abort_on_failure: args.abort_on_container_failure,
        code_from: args.exit_code_from.clone(),
        style: Style { is_coloured: !args.no_color && is_coloured, has_prefix: !args.no_log_prefix },
        timestamps: args.timestamps,
        timeout: seconds(args.timeout),
    })
}

/// What Docker Compose refuses, in its words and order.
fn check(args: &mut Args) -> Result<()> {
    ensure!(!args.watch, unsupported::flag("up --watch"));
    ensure!(!args.menu, unsupported::flag("up --menu"));
    if args.exit_code_from.is_some() && !args.abort_on_container_failure {
        args.abort_on_container_exit = true;
    }
    ensure!(
        !(args.abort_on_container_exit && args.abort_on_container_failure),
        "--abort-on-container-failure cannot be combined with --abort-on-container-exit"
    );
    if args.wait {
        ensure!(
            !(args.attach_dependencies || args.abort_on_container_exit || !args.attach.is_empty()),
            "--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies"
        );
        args.detach = true;
    }
    ensure!(
        !args.detach
            || !(args.attach_dependencies
                || args.abort_on_container_exit
                || args.abort_on_container_failure
                || !args.attach.is_empty()),
        "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, \
         --attach-dependencies or --watch"
    );
    ensure!(
        !(args.renew_anon_volumes && args.creation.no_recreate),
        "--no-recreate and --renew-anon-volumes are incompatible"
    );
    check_creation(&args.creation)?;
    ensure!(
        !(args.always_recreate_deps && args.creation.no_recreate),
        "--always-recreate-deps and --no-recreate are incompatible"
    );
    ensure!(
        args.attach.is_empty() || !args.attach_dependencies,
        "cannot combine --attach and --attach-dependencies"
    );
    Ok(())
}

fn check_creation(creation: &Creation) -> Result<()> {
    ensure!(!(creation.build && creation.no_build), "--build and --no-build are incompatible");
    ensure!(
        !(creation.force_recreate && creation.no_recreate),
        "--force-recreate and --no-recreate are incompatible"
    );
    policy(&creation.pull).map(drop)
}
