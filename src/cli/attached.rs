//! `up` in the foreground: what the containers print, until they have ended or somebody stops them.
//!
//! First everything is made, then the output is attached to, then everything starts: not a line is missed. Containers
//! that start again later, by their restart policy or by hand, are read on. What is read is the log; only a container whose
//! logging driver keeps none is attached to.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use color_eyre::eyre::{Result, eyre};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::containers::{Wanted, labels, of_services};
use super::headless::{HookOutput, INTERRUPTED, Session, exit_code};
use super::listening::{self, News};
use super::out;
use super::perform::{self, Ended};
use super::printer::{Lines, Printer, Style};
use super::signals::Interrupts;
use crate::engine::logs::PlainRequest;
use crate::engine::{Canceller, Events, cancellation, engine_time};
use crate::observed::{ContainerId, Event, EventKind, Listing, State, label};
use crate::plan::{Options, Request, Target, Verb};

/// The smallest step of the engine's time.
const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

/// Lines that may wait to be printed before readers wait.
const WAITING: usize = 1024;

/// Whose output is shown, and what ends it.
#[derive(Clone, Debug)]
pub struct Follow {
    /// The services whose output is shown.
    pub shown: Vec<String>,
    /// The services that are watched: those asked for.
    pub named: Vec<String>,
    /// Stop all once one has ended.
    pub abort_on_exit: bool,
    /// Stop all once one has failed.
    pub abort_on_failure: bool,
    /// The service whose exit code counts.
    pub code_from: Option<String>,
    /// How lines are told apart.
    pub style: Style,
    /// The time before each line.
    pub timestamps: bool,
    /// Over each container's own time to stop.
    pub timeout: Option<Duration>,
}

/// A container that is watched.
struct Watched {
    name: String,
    service: String,
    is_shown: bool,
    /// Whether its end is still to come.
    is_open: bool,
    /// Whether its log is being read.
    is_read: bool,
    /// Whether it was attached to before its start, which then begins no reading.
    is_awaited: bool,
    /// Whether it is to be read once more, since it has started again before its log was read to its end.
    again: bool,
    /// From when on what it prints is new: its last end. None: from its beginning.
    since: Option<String>,
    /// What is said of it once its log has been read to its end.
    last_words: Option<String>,
}

/// The watching.
struct Watch<'a> {
    session: &'a Session,
    follow: &'a Follow,
    sender: mpsc::Sender<Result<News>>,
    containers: BTreeMap<ContainerId, Watched>,
    printer: Printer,
    /// What hooks have printed that is no whole line yet, by container.
    hooks: BTreeMap<String, Lines>,
    /// Whether somebody has interrupted it: what ends from then on is no news.
    is_interrupted: bool,
    /// The code that `up` ends with.
    code: Option<i64>,
}

/// How long the last words of stopped containers are waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Work under way beside the watching.
type Work<'w, T> = Option<Pin<Box<dyn Future<Output = Result<T>> + 'w>>>;

/// Brings up, shows the output and stays until everything has ended.
///
/// # Errors
/// Where there is no plan, or the engine is lost.
pub async fn run(session: &Session, request: &Request, follow: &Follow) -> Result<ExitCode> {
    let (canceller, cancel) = cancellation();
    let mut interrupts = Interrupts::listen();
    let creation = creation(request);
    let made = Box::pin(perform::perform(session, &creation, &cancel));
    match interrupts.cancelling(&canceller, made).await? {
        Ended::Well => {}
        other => return Ok(other.code()),
    }
    session.progress.end_live();
    let (sender, news) = mpsc::channel(WAITING);
    let events = Events::labelled(&session.engine, &labels(&session.name), None, None).await?;
    let printer = Printer::new(follow.style);
    let (to_hooks, hooks) = mpsc::unbounded_channel();
    session.hooks.get_or_init(|| to_hooks);
    let mut watch = Watch {
        session,
        follow,
        sender,
        containers: BTreeMap::new(),
        printer,
        hooks: BTreeMap::new(),
        is_interrupted: false,
        code: None,
    };
    watch.attach().await?;
    let start = start(request);
    let starting: Work<'_, Ended> = Some(Box::pin(perform::perform(session, &start, &cancel)));
    let course = Course { starting, stopping: None, interrupted: false, deadline: None };
    Box::pin(watch.stay(course, Heard { news, hooks, events }, &mut interrupts, &canceller)).await
}

/// Where what happens is heard of.
struct Heard {
    news: mpsc::Receiver<Result<News>>,
    hooks: mpsc::UnboundedReceiver<HookOutput>,
    events: Events,
}

/// How far the coming and going is.
struct Course<'w> {
    starting: Work<'w, Ended>,
    stopping: Work<'w, ()>,
    interrupted: bool,
    /// When the watching ends though not all has been heard: set once all was stopped.
    deadline: Option<Instant>,
}

impl<'a> Watch<'a> {
    /// Finds the containers, and begins to read those that run already: what they print from now on.
    async fn attach(&mut self) -> Result<()> {
        let wanted = Wanted { stopped: true, one_offs: false };
        let mut listings = of_services(&self.session.engine, &self.session.name, &[], wanted).await?;
        listings.retain(|one| self.is_watched(one.service()));
        listings.sort_by(|one, other| one.short_name().cmp(other.short_name()));
        let now = engine_time(Timestamp::now());
        for listing in &listings {
            let id = ContainerId::from(listing.id.as_str());
            let is_running = listing.state == "running";
            let since = if is_running { Some(now.clone()) } else { self.last_end(&id).await? };
            self.meet(&id, listing.short_name(), listing.service(), since);
            if is_running {
                self.read(&id);
            } else {
                self.await_start(&id).await?;
            }
        }
        let shown: Vec<&str> =
            listings.iter().filter(|one| self.is_shown(one.service())).map(Listing::short_name).collect();
        // Docker Compose attaches to what was never started, and meets the others as they start.
        let new = listings.iter().filter(|one| one.state == "created" && self.is_shown(one.service()));
        let new: Vec<&str> = new.map(Listing::short_name).collect();
        for name in new {
            self.printer.meet(name);
        }
        if shown.is_empty() { Ok(()) } else { out::print(&format!("Attaching to {}\n", shown.join(", "))) }
    }

    /// After what a container's next output is new: its last end, or its last line, which the engine may have written down
    /// a moment later. None where it never ran.
    async fn last_end(&self, id: &ContainerId) -> Result<Option<String>> {
        let container = self.session.engine.inspect(id).await?;
        let Some(ended) = container.and_then(|it| it.finished_at) else { return Ok(None) };
        let said = listening::last_line(&self.session.engine, id).await?;
        let last = said.map_or(ended, |said| said.saturating_add(NANOSECOND).unwrap_or(said).max(ended));
        Ok(Some(engine_time(last)))
    }

    /// Stays until everything has ended.
    async fn stay(
        mut self,
        mut course: Course<'a>,
        mut heard: Heard,
        interrupts: &mut Interrupts,
        canceller: &Canceller,
    ) -> Result<ExitCode> {
        let mut wants_stop = false;
        loop {
            if wants_stop
                && course.starting.is_none()
                && course.stopping.is_none()
                && course.deadline.is_none()
            {
                course.stopping = Some(Box::pin(stop(self.session, self.follow)));
            }
            if course.starting.is_none() && course.stopping.is_none() && self.is_over() {
                break;
            }
            tokio::select! {
                biased;
                _ = interrupts.next() => {
                    if course.interrupted {
                        kill(self.session, self.follow).await?;
                        break;
                    }
                    course.interrupted = true;
                    self.is_interrupted = true;
                    wants_stop = true;
                    canceller.cancel();
                    out::print("Gracefully Stopping... press Ctrl+C again to force\n")?;
                }
                Some(output) = heard.hooks.recv() => self.take_hook(&output)?,
                Some(told) = heard.news.recv() => self.take_news(told?)?,
                event = heard.events.next() => {
                    let Some(event) = event? else { return Err(eyre!("the engine has ended its events")) };
                    if self.take_event(&event).await? && !wants_stop {
                        wants_stop = true;
                        say("Aborting on container exit...")?;
                    }
                }
                ended = settle(&mut course.starting) => {
                    course.starting = None;
                    let ended = ended?;
                    if ended != Ended::Well && !wants_stop {
                        return Ok(ended.code());
                    }
                }
                ended = settle(&mut course.stopping) => {
                    course.stopping = None;
                    course.deadline = Some(Instant::now() + LAST_WORDS);
                    ended?;
                }
                () = until(course.deadline) => break,
            }
        }
        Ok(if course.interrupted { ExitCode::from(INTERRUPTED) } else { exit_code(self.code.unwrap_or(0)) })
    }

    fn is_shown(&self, service: &str) -> bool {
        self.follow.shown.iter().any(|name| name == service)
    }

    fn is_watched(&self, service: &str) -> bool {
        self.is_shown(service) || self.follow.named.iter().any(|name| name == service)
    }

    fn meet(&mut self, id: &ContainerId, name: &str, service: &str, since: Option<String>) {
        let is_shown = self.is_shown(service);
        let watched = Watched {
            name: name.to_owned(),
            service: service.to_owned(),
            is_shown,
            is_open: true,
            is_read: false,
            is_awaited: false,
            again: false,
            since,
            last_words: None,
        };
        self.containers.insert(id.clone(), watched);
    }

    /// Reads what is new in a container's log, and goes on until it ends.
    fn read(&mut self, id: &ContainerId) {
        let Some(watched) = self.containers.get_mut(id).filter(|watched| watched.is_shown) else { return };
        if std::mem::take(&mut watched.is_awaited) {
            return;
        }
        watched.again = watched.is_read;
        if watched.is_read {
            return;
        }
        watched.is_read = true;
        let since = watched.since.clone();
        let request = PlainRequest {
            container: id.clone(),
            follow: true,
            tail: "all".to_owned(),
            since,
            until: None,
            timestamps: self.follow.timestamps,
        };
        tokio::spawn(listening::read(self.session.engine.clone(), request, self.sender.clone()));
    }

    /// Attaches to a container whose log cannot be read, before it starts.
    async fn await_start(&mut self, id: &ContainerId) -> Result<()> {
        let engine = &self.session.engine;
        let Some(watched) = self.containers.get_mut(id).filter(|watched| watched.is_shown) else {
            return Ok(());
        };
        let found = engine.inspect(id).await?;
        if found.is_none_or(|container| !listening::keeps_no_log(&container)) {
            return Ok(());
        }
        let connection = listening::attach(engine, id).await?;
        (watched.is_read, watched.is_awaited) = (true, true);
        let (engine, id, sender) = (engine.clone(), id.clone(), self.sender.clone());
        tokio::spawn(async move {
            let told = listening::listen(&engine, &id, connection, &sender).await;
            let _ = sender.send(told.map(|()| News::Ended(id))).await;
        });
        Ok(())
    }

    fn take_news(&mut self, news: News) -> Result<()> {
        match news {
            News::Line(id, is_error, line) => {
                let Some(watched) = self.containers.get(&id) else { return Ok(()) };
                if is_error {
                    self.printer.error_line(&watched.name, &line)
                } else {
                    self.printer.line(&watched.name, &line)
                }
            }
            News::Ended(id) => {
                let Some(watched) = self.containers.get_mut(&id) else { return Ok(()) };
                watched.is_read = false;
                let again = watched.again;
                self.say_last_words(&id)?;
                if again {
                    self.read(&id);
                }
                Ok(())
            }
        }
    }

    /// Prints what a hook printed, under its container's name with an arrow, as Docker Compose does.
    fn take_hook(&mut self, output: &HookOutput) -> Result<()> {
        let name = format!("{} ->", output.container);
        let lines = match &output.text {
            Some(text) => self.hooks.entry(name.clone()).or_default().push(text.as_bytes()),
            None => self.hooks.remove(&name).and_then(|mut rest| rest.finish()).into_iter().collect(),
        };
        for line in lines {
            self.printer.line(&name, line.strip_suffix(b"\r").unwrap_or(&line))?;
        }
        Ok(())
    }

    /// Takes an event; true where it is a reason to stop all.
    async fn take_event(&mut self, event: &Event) -> Result<bool> {
        let of = |key: &str| event.attributes.get(key).map(String::as_str).unwrap_or_default();
        if event.kind != EventKind::Container
            || of(label::ONE_OFF) == "True"
            || !self.is_watched(of(label::SERVICE))
        {
            return Ok(false);
        }
        let id = ContainerId::from(event.actor.as_str());
        match event.action.as_str() {
            "start" => {
                if !self.containers.contains_key(&id) {
                    let names = vec![of("name").to_owned()];
                    let listing = Listing { names, labels: event.attributes.clone(), ..Listing::default() };
                    self.meet(&id, listing.short_name(), listing.service(), None);
                }
                if let Some(watched) = self.containers.get_mut(&id) {
                    watched.is_open = true;
                }
                self.read(&id);
                Ok(false)
            }
            "die" => {
                let code = of("exitCode").parse().unwrap_or(0);
                self.take_end(&id, code, event.at).await
            }
            _ => Ok(false),
        }
    }

    async fn take_end(&mut self, id: &ContainerId, code: i64, at: Timestamp) -> Result<bool> {
        let alive = self.session.engine.inspect(id).await?;
        let restarts = alive.is_some_and(|it| matches!(it.state, State::Running | State::Restarting));
        let Some(watched) = self.containers.get_mut(id) else { return Ok(false) };
        let more = if restarts { " (restarting)" } else { "" };
        watched.is_open = restarts;
        watched.since = Some(engine_time(at));
        let service = watched.service.clone();
        let is_named = self.follow.named.contains(&service);
        // Of what is only shown along, the end goes without saying.
        let is_news = watched.is_shown && is_named && !self.is_interrupted;
        watched.last_words = is_news.then(|| format!("exited with code {code}{more}"));
        self.say_last_words(id)?;
        if restarts || !is_named {
            return Ok(false);
        }
        let aborts = self.follow.abort_on_exit || self.follow.abort_on_failure && code != 0;
        match &self.follow.code_from {
            Some(from) if *from == service => self.code = self.code.or(Some(code)),
            None if aborts => self.code = self.code.or(Some(code)),
            _ => {}
        }
        Ok(aborts)
    }

    /// Says that a container ended, unless some of its log is still to come.
    fn say_last_words(&mut self, id: &ContainerId) -> Result<()> {
        let Some(watched) = self.containers.get_mut(id).filter(|watched| !watched.is_read) else {
            return Ok(());
        };
        match watched.last_words.take() {
            Some(words) => self.printer.status(&watched.name, &words),
            None => Ok(()),
        }
    }

    /// Whether everything has ended and been shown.
    fn is_over(&self) -> bool {
        self.containers.values().all(|watched| !watched.is_open && !watched.is_read)
    }
}

/// The request that makes everything and starts nothing.
fn creation(request: &Request) -> Request {
    let mut request = request.clone();
    request.options.no_start = true;
    request
}

/// The request that starts what was just made.
fn start(request: &Request) -> Request {
    let Options { scale, no_dependencies, timeout, all_resources, .. } = request.options.clone();
    let options = Options {
        scale,
        no_dependencies,
        timeout,
        all_resources,
        images_ready: true,
        no_recreate: true,
        ..Options::default()
    };
    Request { options, ..request.clone() }
}

async fn stop(session: &Session, follow: &Follow) -> Result<()> {
    let options = Options { timeout: follow.timeout, ..Options::default() };
    on_all(session, follow, Verb::Stop, options).await
}

async fn kill(session: &Session, follow: &Follow) -> Result<()> {
    on_all(session, follow, Verb::Kill("SIGKILL".to_owned()), Options::default()).await
}

/// A verb on what was asked for; a failure has been told.
async fn on_all(session: &Session, follow: &Follow, verb: Verb, options: Options) -> Result<()> {
    let (_canceller, cancel) = cancellation();
    let target = Target::Services(follow.named.clone());
    let request = Request { project: session.name.clone(), verb, target, options };
    Box::pin(perform::perform(session, &request, &cancel)).await.map(drop)
}

/// The end of work under way; never where there is none.
async fn settle<T>(work: &mut Work<'_, T>) -> Result<T> {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn say(text: &str) -> Result<()> {
    out::complain(format!("{text}\n").as_bytes())
}
