//! `dockside logs`: what the containers wrote, from the file or from labels.
//!
//! Without `-f` container after container, as Docker Compose mostly happens to do; with it as lines come, and what starts
//! later is read from its start on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr, bail, eyre};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::containers::{Wanted, labels, of_services, one};
use super::global::Global;
use super::headless::{INTERRUPTED, Session, Wants};
use super::log_sieve::{LineSieve, SieveArgs};
use super::printer::{Lines, Printer, Style};
use super::signals::Interrupts;
use super::{loading, moment, progress};
use crate::engine::logs::{PlainLog, PlainRequest, Written, reading_runtime};
use crate::engine::{Engine, Events, engine_time};
use crate::observed::{ContainerId, Event, EventKind, Listing, State, label};

/// Options of `logs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stay and print what comes
    #[arg(short, long)]
    pub follow: bool,
    /// Which replica, by its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// Print without colours
    #[arg(long)]
    pub no_color: bool,
    /// Print lines without the container's name before them
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Only from this time on: 2013-01-02T13:23:37Z, or 42m for the last 42 minutes
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    pub since: String,
    /// How many of the last lines of each container
    #[arg(short = 'n', long, value_name = "LINES", default_value = "all")]
    pub tail: String,
    /// Print the time of each line
    #[arg(short, long)]
    pub timestamps: bool,
    /// Only up to this time
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    pub until: String,
    /// Which lines, and how, beyond what Docker Compose offers
    #[command(flatten)]
    pub sieve: SieveArgs,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// What the engine answers where a logging driver cannot be read, as an HTTP status.
pub(super) const NOT_IMPLEMENTED: u16 = 501;

/// What a reader tells.
enum News {
    Line(ContainerId, Vec<u8>),
    Ended(ContainerId),
}

/// Prints the logs.
///
/// # Errors
/// Where the file is broken, a service is unknown, a time makes no sense, or the engine is out of reach.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let request = request(args)?;
    let sieve = args.sieve.sieve(args.timestamps)?;
    let runtime = reading_runtime().wrap_err("start to read logs")?;
    let ended: Result<ExitCode> = runtime.block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        if let Some(project) = &session.project {
            loading::expect_services(project, &args.services)?;
        }
        let is_coloured = !args.no_color && progress::colours(global, &session.variables, &io::stdout());
        let has_prefix = !args.no_log_prefix && !args.sieve.json;
        let printer = Printer::new(Style { is_coloured, has_prefix });
        if !args.follow {
            let listings = listings(&session, args).await?;
            return print_all(&session.engine, (&request, &sieve), &listings, printer).await;
        }
        let mut interrupts = Interrupts::listen();
        tokio::select! {
            ended = follow(&session, args, (&request, &sieve), printer) => ended,
            _ = interrupts.next() => Ok(ExitCode::from(INTERRUPTED)),
        }
    });
    // A thread that waits for a name to be resolved would keep the program from ending.
    runtime.shutdown_background();
    ended
}

/// What is asked of every container; its own id is put in later.
fn request(args: &Args) -> Result<PlainRequest> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let moment = |name: &str, text: &str| {
        moment::for_engine(text, now, &zone).map_err(|why| eyre!("invalid value for {name:?}: {why}"))
    };
    Ok(PlainRequest {
        container: ContainerId::from(""),
        follow: args.follow,
        tail: args.tail.clone(),
        since: moment("since", &args.since)?,
        until: moment("until", &args.until)?,
        timestamps: args.timestamps || args.sieve.needs_time(),
    })
}

async fn listings(session: &Session, args: &Args) -> Result<Vec<Listing>> {
    let wanted = Wanted { stopped: true, one_offs: false };
    let (engine, name) = (&session.engine, &session.name);
    if args.index > 0 {
        let [service] = args.services.as_slice() else {
            bail!("--index requires one service to be selected")
        };
        return Ok(vec![one(engine, name, service, args.index, wanted).await?]);
    }
    let mut listings = of_services(engine, name, &args.services, wanted).await?;
    listings.sort_by(|one, other| (one.service(), one.number()).cmp(&(other.service(), other.number())));
    Ok(listings)
}

/// Prints each log to its end.
async fn print_all(
    engine: &Engine,
    (request, sieve): (&PlainRequest, &LineSieve),
    listings: &[Listing],
    mut printer: Printer,
) -> Result<ExitCode> {
    for listing in listings {
        let mut reading = Reading::new(listing.short_name(), sieve.clone());
        let container = ContainerId::from(listing.id.as_str());
        let request = PlainRequest { container, ..request.clone() };
        let Some(mut log) = open(engine, &request, listing.name()).await? else { continue };
        while let Some(written) = log.next().await? {
            printer.lines(listing.short_name(), &reading.push(&written))?;
        }
        printer.lines(listing.short_name(), &reading.finish())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A container's log on its way to be printed.
struct Reading {
    name: String,
    sieve: LineSieve,
    output: Lines,
    error: Lines,
}

impl Reading {
    fn new(name: &str, sieve: LineSieve) -> Self {
        Self { name: name.to_owned(), sieve, output: Lines::default(), error: Lines::default() }
    }

    /// The lines that are to be printed of what was written.
    fn push(&mut self, written: &[Written]) -> Vec<Vec<u8>> {
        let mut wanted = Vec::new();
        for part in written {
            let lines = if part.is_error { &mut self.error } else { &mut self.output };
            let goes_on = part.begins && !lines.is_fresh();
            let bytes = if goes_on { self.sieve.without_time(&part.bytes) } else { &part.bytes };
            for line in lines.push(bytes) {
                wanted.extend(self.sieve.take(&self.name, line, part.is_error));
            }
        }
        wanted
    }

    /// What has no newline is a line too once nothing more comes.
    fn finish(&mut self) -> Vec<Vec<u8>> {
        let rests = [(true, self.error.finish()), (false, self.output.finish())];
        let rests = rests.into_iter().filter_map(|(is_error, line)| Some((is_error, line?)));
        rests.filter_map(|(is_error, line)| self.sieve.take(&self.name, line, is_error)).collect()
    }
}

/// Begins to read a log. One whose driver keeps nothing to read is warned of, and none: the others are printed all the same.
async fn open(engine: &Engine, request: &PlainRequest, name: &str) -> Result<Option<PlainLog>> {
    match PlainLog::open(engine, request).await {
        Ok(log) => Ok(Some(log)),
        Err(error) if error.status() == Some(NOT_IMPLEMENTED) => {
            let why = format!("Error response from daemon: {}", error.why());
            progress::warn(&format!("Can't retrieve logs for \"{name}\": {why}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The containers that are followed.
struct Following<'a> {
    engine: &'a Engine,
    request: &'a PlainRequest,
    sieve: &'a LineSieve,
    /// Whether it is said what became of containers: not among objects of JSON.
    says_ends: bool,
    sender: mpsc::Sender<Result<News>>,
    names: BTreeMap<ContainerId, String>,
    /// Those whose end is waited for.
    open: BTreeSet<ContainerId>,
    /// Those whose log is being read.
    reading: BTreeSet<ContainerId>,
    /// What is to be said of a container once its log has been read to its end.
    ended: BTreeMap<ContainerId, String>,
}

/// How many lines may wait to be printed before readers wait.
const WAITING: usize = 1024;

/// Prints lines as they come until every container has ended.
async fn follow(
    session: &Session,
    args: &Args,
    (request, sieve): (&PlainRequest, &LineSieve),
    mut printer: Printer,
) -> Result<ExitCode> {
    let engine = &session.engine;
    let mut events = Events::labelled(engine, &labels(&session.name), None, None).await?;
    let (sender, mut news) = mpsc::channel(WAITING);
    let mut following = Following {
        engine,
        request,
        sieve,
        says_ends: !args.sieve.json,
        sender,
        names: BTreeMap::new(),
        open: BTreeSet::new(),
        reading: BTreeSet::new(),
        ended: BTreeMap::new(),
    };
    for listing in listings(session, args).await? {
        let names = (listing.name(), listing.short_name());
        following.begin(&ContainerId::from(listing.id.as_str()), names, request.since.clone());
    }
    while !(following.open.is_empty() && following.reading.is_empty()) {
        tokio::select! {
            biased;
            Some(told) = news.recv() => match told? {
                News::Line(id, line) => {
                    let name = following.names.get(&id).map(String::as_str).unwrap_or_default();
                    printer.line(name, &line)?;
                }
                News::Ended(id) => {
                    following.reading.remove(&id);
                    following.say_ended(&id, &mut printer)?;
                }
            },
            event = events.next() => {
                let Some(event) = event? else { break };
                following.take(&event, args, &mut printer).await?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Following<'_> {
    /// Reads the log of a container from now on, which has this name, and this one in logs.
    fn begin(&mut self, id: &ContainerId, (whole, name): (&str, &str), since: Option<String>) {
        self.names.insert(id.clone(), name.to_owned());
        self.open.insert(id.clone());
        self.reading.insert(id.clone());
        let request = PlainRequest { container: id.clone(), since, ..self.request.clone() };
        let reading = Reading::new(name, self.sieve.clone());
        tokio::spawn(read((self.engine.clone(), whole.to_owned()), request, reading, self.sender.clone()));
    }

    async fn take(&mut self, event: &Event, args: &Args, printer: &mut Printer) -> Result<()> {
        if event.kind != EventKind::Container || !is_wanted(event, args) {
            return Ok(());
        }
        let id = ContainerId::from(event.actor.as_str());
        match event.action.as_str() {
            "start" if !self.reading.contains(&id) => {
                let container = self.engine.inspect(&id).await?;
                let since = container.and_then(|it| it.started_at).map(engine_time);
                let listing = listing_of(event);
                self.begin(&id, (listing.name(), listing.short_name()), since);
            }
            "die" if self.names.contains_key(&id) => {
                let code = event.attributes.get("exitCode").map_or("0", String::as_str);
                let restarts = self
                    .engine
                    .inspect(&id)
                    .await?
                    .is_some_and(|it| matches!(it.state, State::Running | State::Restarting));
                let more = if restarts { " (restarting)" } else { "" };
                if !restarts {
                    self.open.remove(&id);
                }
                self.ended.insert(id.clone(), format!("exited with code {code}{more}"));
                self.say_ended(&id, printer)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Says that a container ended, unless some of its log is still to come.
    fn say_ended(&mut self, id: &ContainerId, printer: &mut Printer) -> Result<()> {
        if self.reading.contains(id) || !self.says_ends {
            return Ok(());
        }
        if let (Some(what), Some(name)) = (self.ended.remove(id), self.names.get(id)) {
            printer.status(name, &what)?;
        }
        Ok(())
    }
}

fn is_wanted(event: &Event, args: &Args) -> bool {
    let of = |key: &str| event.attributes.get(key).map(String::as_str).unwrap_or_default();
    let is_service = args.services.is_empty() || args.services.iter().any(|name| name == of(label::SERVICE));
    let is_replica = args.index == 0 || of(label::CONTAINER_NUMBER) == args.index.to_string();
    is_service && is_replica && of(label::ONE_OFF) != "True"
}

/// An event's container, as far as the event tells of it.
fn listing_of(event: &Event) -> Listing {
    let names = vec![event.attributes.get("name").cloned().unwrap_or_default()];
    Listing { names, labels: event.attributes.clone(), ..Listing::default() }
}

/// Reads a log to its end, line by line.
async fn read(
    (engine, whole_name): (Engine, String),
    request: PlainRequest,
    mut reading: Reading,
    sender: mpsc::Sender<Result<News>>,
) {
    let told = async {
        let Some(mut log) = open(&engine, &request, &whole_name).await? else { return Ok(()) };
        loop {
            let written = log.next().await?;
            let wanted = match &written {
                Some(written) => reading.push(written),
                None => reading.finish(),
            };
            for line in wanted {
                if sender.send(Ok(News::Line(request.container.clone(), line))).await.is_err() {
                    return Ok(());
                }
            }
            if written.is_none() {
                break;
            }
        }
        Ok::<_, color_eyre::Report>(())
    };
    let end = match told.await {
        Ok(()) => Ok(News::Ended(request.container)),
        Err(error) => Err(error),
    };
    // Whoever listens may have gone, and then there is nobody to tell.
    let _ = sender.send(end).await;
}
