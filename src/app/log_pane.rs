//! The Logs pane: which views stand in it, which of them has the keys, and whose logs they show. The lines themselves
//! are in [`log`](super::log).

mod memory;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use self::memory::{Layout, Memory};
use super::log::rule::grouped;
use super::log::{LogSource, LogView, Logs, Showing, Span, ViewStatus};
use super::{App, Link, Options, rows};
use crate::observed::{Container, ContainerId, Level, State};

/// How long the cursor has to rest on a service before its log is shown.
pub const REST: Duration = Duration::from_millis(75);

/// How the logs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMode {
    /// The selected service.
    #[default]
    Solo,
    /// Several services, merged by time: those that have a tile, else all.
    Merged,
    /// One tile for each replica of the services that have a tile; without any, of the selected one.
    Tiles,
}

impl LogMode {
    /// The one after it (`v`).
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Solo => Self::Merged,
            Self::Merged => Self::Tiles,
            Self::Tiles => Self::Solo,
        }
    }

    /// Its word in the pane's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Solo => "solo",
            Self::Merged => "merged",
            Self::Tiles => "tiles",
        }
    }
}

/// The Logs pane.
#[derive(Clone, Debug)]
pub struct LogPane {
    /// The lines.
    pub store: Logs,
    /// How the logs are shown.
    pub mode: LogMode,
    /// The services that have a tile, in the order in which they were chosen.
    pub tiles: Vec<String>,
    /// What stands in the pane: one view in solo and merged, one a tile in tiles. Never empty.
    pub views: Vec<LogView>,
    /// The place of the view that has the keys.
    pub focused: usize,
    /// The containers of all views, earlier lives too, as the views were arranged last: to be looked up for each batch of
    /// lines, of which there are thousands a second.
    pub visible: BTreeSet<ContainerId>,
    /// The service on which the cursor rested last: solo shows it.
    pub rested: Option<String>,
    /// Whether merged shows every service, whatever has a tile: a search through all logs does.
    pub merges_all: bool,
    /// The labels of tiles that were moved, in the order in which they are to stand; others stand behind them.
    pub order: Vec<String>,
    /// The labels of tiles that were taken away one by one, of services that have others.
    pub hidden: BTreeSet<String>,
    /// Whether the focused tile has the whole pane, while that has the whole screen.
    pub is_alone: bool,
    /// The moment at which all tiles stand since one of them was moved, or went to an error; none while they go along.
    pub moment: Option<Timestamp>,
    /// What is remembered of the project's layout.
    pub memory: Memory,
    /// When a search that found nothing looks again, for logs that were only just opened, on the monotonic clock.
    pub look_again_at: Option<Duration>,
    /// Whether new views wrap long lines.
    pub wraps: bool,
    /// Whether new views fold lines of JSON and logfmt.
    pub folds: bool,
    /// Whether new views show times.
    pub shows_times: bool,
    /// Whether new views show lines that repeat the one before them as a count.
    pub counts_repeats: bool,
}

impl LogPane {
    /// An empty pane.
    pub fn new(options: &Options) -> Self {
        Self {
            store: Logs::new(options.log_budget).with_tail(options.log_tail),
            mode: LogMode::Solo,
            tiles: Vec::new(),
            views: vec![LogView::new(Vec::new())],
            focused: 0,
            visible: BTreeSet::new(),
            rested: None,
            merges_all: false,
            order: Vec::new(),
            hidden: BTreeSet::new(),
            is_alone: false,
            moment: None,
            memory: Memory::default(),
            look_again_at: None,
            wraps: false,
            folds: true,
            shows_times: true,
            counts_repeats: false,
        }
    }

    /// The view that has the keys.
    pub fn focused_view(&self) -> Option<&LogView> {
        self.views.get(self.focused)
    }

    /// The focused view goes to the end and along with what comes; so do tiles that had gone along with it.
    pub fn follow(&mut self) {
        let all = self.moment.take().is_some();
        for (place, view) in self.views.iter_mut().enumerate() {
            if all || place == self.focused {
                view.end();
            }
        }
    }

    /// Whether all lines have been looked through that views are narrowed by.
    pub fn is_sifted(&self) -> bool {
        self.views.iter().all(|view| view.is_sifted(&self.store))
    }

    /// The containers whose logs are on the screen: the current one of every source.
    pub fn shown_containers(&self) -> Vec<ContainerId> {
        let sources = self.views.iter().flat_map(|view| &view.sources);
        sources.filter_map(|source| self.store.current(source).cloned()).collect()
    }

    /// Puts views of these sources in place; those that are there already stay as they are.
    pub fn arrange(&mut self, wanted: Vec<Vec<LogSource>>) {
        if self.views.len() == wanted.len()
            && self.views.iter().zip(&wanted).all(|(view, one)| view.sources == *one)
        {
            return;
        }
        let focused = self.focused_view().map(|view| view.sources.clone());
        if let ([view], [sources]) = (&mut self.views[..], &wanted[..]) {
            // The one view of solo and merged keeps its search when it turns to other sources.
            view.show(sources.clone());
            return;
        }
        let mut old = std::mem::take(&mut self.views);
        for sources in wanted {
            let known = old.iter().position(|view| view.sources == sources);
            let view = known.map_or_else(|| self.fresh(sources), |place| old.swap_remove(place));
            self.views.push(view);
        }
        let same = focused.and_then(|sources| self.views.iter().position(|view| view.sources == sources));
        self.focused = same.unwrap_or(self.focused).min(self.views.len().saturating_sub(1));
    }

    fn fresh(&self, sources: Vec<LogSource>) -> LogView {
        let mut view = LogView::new(sources);
        view.wrap = self.wraps;
        view.times = self.shows_times;
        view.folds = self.folds;
        view.set_once(self.counts_repeats);
        view
    }
}

/// The sources of each view that should stand in the pane now.
pub fn wanted_views(app: &App) -> Vec<Vec<LogSource>> {
    let rested: Vec<String> = app.logs.rested.iter().cloned().collect();
    let chosen = if app.logs.tiles.is_empty() { &rested } else { &app.logs.tiles };
    let flat =
        |services: &[String]| services.iter().flat_map(|name| sources_of(app, name)).collect::<Vec<_>>();
    match app.logs.mode {
        LogMode::Solo => vec![flat(&rested)],
        LogMode::Merged if app.logs.tiles.is_empty() || app.logs.merges_all => {
            vec![flat(&rows::all_service_names(app))]
        }
        LogMode::Merged => vec![flat(chosen)],
        LogMode::Tiles => {
            let mut sources = flat(chosen);
            sources.retain(|source| !app.logs.hidden.contains(&source.label()));
            let place = |label: String| app.logs.order.iter().position(|one| *one == label);
            sources.sort_by_key(|source| place(source.label()).unwrap_or(usize::MAX));
            let tiles: Vec<Vec<LogSource>> = sources.into_iter().map(|source| vec![source]).collect();
            if tiles.is_empty() { vec![Vec::new()] } else { tiles }
        }
    }
}

/// The sources of a service: its replicas, then its one-offs; the first replica to be where there is nothing yet.
fn sources_of(app: &App, service: &str) -> Vec<LogSource> {
    let mut found: Vec<LogSource> = Vec::new();
    for source in app.containers_of(service).into_iter().map(source_of) {
        // While it is recreated, a replica has two containers.
        if !found.contains(&source) {
            found.push(source);
        }
    }
    if found.is_empty() { vec![LogSource::Replica { service: service.into(), number: 1 }] } else { found }
}

/// What a tile is called.
pub fn source_label(view: &LogView) -> Option<String> {
    view.sources.first().map(LogSource::label)
}

/// What can be given a tile: services that have none, and tiles that were taken away one by one.
pub fn tiles_to_add(app: &App) -> Vec<String> {
    let mut names = rows::all_service_names(app);
    names.retain(|name| !app.logs.tiles.contains(name));
    names.extend(app.logs.hidden.iter().cloned());
    names
}

/// The source that a container is a life of.
pub fn source_of(container: &Container) -> LogSource {
    match (container.service(), container.number()) {
        (Some(service), Some(number)) if !container.is_one_off() => {
            LogSource::Replica { service: Arc::from(service), number }
        }
        _ => LogSource::Container { id: container.id.clone(), name: Arc::from(container.name.as_str()) },
    }
}

/// The service that a source belongs to.
pub fn service_of(app: &App, source: &LogSource) -> Option<String> {
    match source {
        LogSource::Replica { service, .. } => Some(service.to_string()),
        LogSource::Container { id, .. } => app.service_of(id),
    }
}

/// How a view stands, in words: `following`, `paused, 214 new`, `no container`; empty before the engine has told.
pub fn status_words(app: &App, view: &LogView) -> String {
    if app.engine.is_listed && !view.sources.is_empty() && current(app, view).next().is_none() {
        return "no container".to_owned();
    }
    match app.logs.store.status(view) {
        ViewStatus::Idle if is_waiting(app, view) => "not started".to_owned(),
        ViewStatus::Idle if matches!(app.engine.link, Link::Lost { .. }) => "no engine".to_owned(),
        ViewStatus::Idle => String::new(),
        ViewStatus::Following => match app.logs.store.rate(view) {
            Some(rate) => format!("following, {} lines/s", grouped(rate)),
            None => "following".to_owned(),
        },
        ViewStatus::Paused(0) => paused(app),
        ViewStatus::Paused(count) => format!("{}, {count} new", paused(app)),
        ViewStatus::ReadingOlder => "reading older lines".to_owned(),
        ViewStatus::Ended => "ended".to_owned(),
        ViewStatus::Broken(why, again_at) => {
            let seconds = again_at.saturating_sub(app.now.mono).as_secs_f64().ceil().max(1.0);
            format!("broke off, next try in {seconds:.0} s: {why}")
        }
        ViewStatus::Failed(why) => format!("cannot be read: {why}"),
    }
}

/// `paused`; of tiles that stand at one moment, that: `at 14:03:10`.
fn paused(app: &App) -> String {
    app.logs.moment.map_or_else(|| "paused".to_owned(), |at| format!("at {}", app.clock(at)))
}

/// What a view is narrowed to, in words: `only matches  warn+  ±3 lines  since 14:03:10`; empty where all is shown.
pub fn narrow_words(app: &App, view: &LogView) -> String {
    let level = match view.threshold() {
        Level::Unknown => None,
        Level::Trace => Some("trace+"),
        Level::Debug => Some("debug+"),
        Level::Info => Some("info+"),
        Level::Warn => Some("warn+"),
        Level::Error => Some("error+"),
        Level::Fatal => Some("fatal"),
    };
    let matches = match view.showing() {
        Showing::All => None,
        Showing::Matches => Some("only matches".to_owned()),
        Showing::Others => Some("without matches".to_owned()),
    };
    let is_sifted = matches.is_some() || level.is_some();
    let context = Some(view.context()).filter(|lines| is_sifted && *lines > 0);
    let context = context.map(|lines| format!("\u{b1}{lines} lines"));
    let once = view.shows_once().then(|| "repeats as a count".to_owned());
    let words = [matches, level.map(str::to_owned), context, span_words(app, view.span()), once];
    words.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// `since 14:03:10`, `until 14:03:10`, `14:03:10 to 14:10:00`.
fn span_words(app: &App, span: Span) -> Option<String> {
    match (span.since, span.until) {
        (None, None) => None,
        (Some(since), None) => Some(format!("since {}", app.clock(since))),
        (None, Some(until)) => Some(format!("until {}", app.clock(until))),
        (Some(since), Some(until)) => Some(format!("{} to {}", app.clock(since), app.clock(until))),
    }
}

/// What is looked for and how many lines match, in words: `/timeout  3 of 17`, `/timeout  17+  back to 14:03:10` while
/// older lines are read; empty where nothing is looked for.
pub fn search_words(app: &App, view: &LogView) -> String {
    let (Some(search), Some(matches)) = (view.searching(), view.matches(&app.logs.store)) else {
        return String::new();
    };
    let store = &app.logs.store;
    let more = if matches.is_complete && !store.may_read_older(view) { "" } else { "+" };
    let back = store.read_back_to(view).map(|at| format!("  back to {}", app.clock(at)));
    let count = match matches.place {
        Some(place) => format!("{place} of {}{more}", matches.all),
        None => format!("{}{more}", matches.all),
    };
    format!("/{}  {count}{}", search.pattern, back.unwrap_or_default())
}

/// What stands in place of lines where there are none; none while that is not known.
pub fn empty_words(app: &App, view: &LogView) -> Option<String> {
    if !app.engine.is_listed {
        return None;
    }
    let holds_lines = app.logs.store.stores(view).any(|(_, store)| !store.is_empty());
    match status_words(app, view).as_str() {
        "no container" => Some("no container".to_owned()),
        "not started" => Some("its container was not started yet".to_owned()),
        _ if view.is_narrowed() && holds_lines => Some(format!("no line: {}", narrow_words(app, view))),
        _ => None,
    }
}

/// What a file with the lines of a view is called, without its ending.
pub fn file_stem(app: &App, view: &LogView) -> String {
    let what = match (app.logs.mode, view.sources.as_slice()) {
        (LogMode::Merged, _) => "merged".to_owned(),
        (_, [one]) => one.label(),
        _ => app.focused_log_service().unwrap_or_else(|| "logs".to_owned()),
    };
    let project = app.project.as_deref().unwrap_or("dockside");
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = format!("{project}-{what}").chars().map(safe).collect();
    name.trim_start_matches(['.', '-']).to_owned()
}

/// The containers that a view's sources have now.
fn current<'a>(app: &'a App, view: &'a LogView) -> impl Iterator<Item = &'a Container> {
    let ids = view.sources.iter().filter_map(|source| app.logs.store.current(source));
    ids.filter_map(|id| app.engine.containers.get(id))
}

/// Whether none of its containers was started yet.
fn is_waiting(app: &App, view: &LogView) -> bool {
    let mut containers = current(app, view).peekable();
    containers.peek().is_some() && containers.all(|container| container.state == State::Created)
}
