//! What layers list and say, derived from `&App`: entries of menus, lines of the palette, the help, the footer.

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr;

use super::action::{Action, ENTRIES, Entry, Group, is_available};
use super::layers::{DownChoice, Layer, Menu, MenuKind, Profiles};
use super::{App, Grade, Link, Outcome, Pane, RunId, details, findings, layout, log_pane, rows, words};
use crate::plan::{self, Cause, Step, StepKind, Target};

/// What an entry of a menu does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuChoice {
    /// An action, on the menu's target.
    Act(Action),
    /// Sends a signal to the menu's target.
    Signal(&'static str),
}

/// An entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// The key that chooses it, as shown; may be empty.
    pub key: String,
    /// What it does.
    pub words: String,
    /// The choice.
    pub choice: MenuChoice,
    /// Whether it can be done now.
    pub is_available: bool,
}

/// The signals that can be sent: the one that ends for sure first, for Enter sends it; each with a key and what programs
/// commonly do at it.
const SIGNALS: [(&str, &str, &str); 9] = [
    ("9", "SIGKILL", "end at once, whatever it is doing"),
    ("t", "SIGTERM", "please end"),
    ("i", "SIGINT", "end, as Ctrl-C does"),
    ("h", "SIGHUP", "often: read the configuration again"),
    ("3", "SIGQUIT", "end with a dump, as Ctrl-\\ does"),
    ("1", "SIGUSR1", "whatever the program makes of it"),
    ("2", "SIGUSR2", "whatever the program makes of it"),
    ("s", "SIGSTOP", "freeze its first process"),
    ("c", "SIGCONT", "go on after SIGSTOP"),
];

/// The ways to recreate, each with its key in the menu.
const WAYS: [(&str, Action); 6] = [
    ("r", Action::Recreate),
    ("b", Action::Rebuild),
    ("p", Action::PullNewer),
    ("v", Action::FreshVolumes),
    ("B", Action::Build),
    ("P", Action::Pull),
];

/// The ways to save a log, each with its key in the menu.
const SAVES: [(&str, Action); 4] =
    [("t", Action::SaveLog), ("j", Action::SaveJson), ("T", Action::SaveWhole), ("J", Action::SaveWholeJson)];

/// The entries of a menu.
pub fn menu(app: &App, menu: &Menu) -> Vec<MenuEntry> {
    match menu.kind {
        MenuKind::Verbs => verbs(app),
        MenuKind::Recreate => WAYS.into_iter().filter_map(|(key, action)| way(app, key, action)).collect(),
        MenuKind::Signals => SIGNALS.into_iter().map(signal).collect(),
        MenuKind::Save => SAVES.into_iter().filter_map(|(key, action)| way(app, key, action)).collect(),
    }
}

fn verbs(app: &App) -> Vec<MenuEntry> {
    let is_listed =
        |entry: &&Entry| entry.action == Action::Shell || entry.is_verb && entry.action != Action::VerbMenu;
    let actions = ENTRIES.iter().filter(is_listed);
    let entry = |entry: &Entry| MenuEntry {
        key: app.keymap.key_of(entry.action),
        words: entry.help.to_owned(),
        choice: MenuChoice::Act(entry.action),
        is_available: is_available(entry.action, app),
    };
    actions.map(entry).collect()
}

fn way(app: &App, key: &str, action: Action) -> Option<MenuEntry> {
    Some(MenuEntry {
        key: key.to_owned(),
        words: super::action::entry(action)?.help.to_owned(),
        choice: MenuChoice::Act(action),
        is_available: is_available(action, app),
    })
}

fn signal((key, name, words): (&str, &'static str, &str)) -> MenuEntry {
    MenuEntry {
        key: key.to_owned(),
        words: format!("{name:<8} {words}"),
        choice: MenuChoice::Signal(name),
        is_available: true,
    }
}

/// The title of a menu: `Kill  web, db`.
pub fn menu_title(app: &App, menu: &Menu) -> String {
    let what = match menu.kind {
        MenuKind::Verbs => "Verbs",
        MenuKind::Recreate => "Recreate",
        MenuKind::Signals => "Kill",
        MenuKind::Save => {
            let name = app.logs.focused_view().map(|view| log_pane::file_stem(app, view));
            return format!("Save  {}", name.unwrap_or_default());
        }
    };
    format!("{what}  {}", app.target_words(&menu.target))
}

/// The size of the palette without its frame.
pub const PALETTE_SIZE: (u16, u16) = (72, 18);

/// The size of a menu without its frame: its entries, a line of air above, and a line of air and one of keys below.
pub fn menu_size(app: &App, shown: &Menu) -> (u16, u16) {
    let entries = menu(app, shown);
    let width = |text: &str| text.width().min(usize::from(u16::MAX / 2)) as u16;
    let words = entries.iter().map(|entry| width(&entry.words)).max().unwrap_or(0);
    let words = words.max(width(&menu_title(app, shown))).max(30);
    (words + menu_key_column(&entries) + 8, entries.len() as u16 + 3)
}

/// The size of the dialog of profiles without its frame: a line each, one of air above, and one of air and one of keys
/// below.
pub fn profiles_size(profiles: &Profiles) -> (u16, u16) {
    let names = profiles.choices.iter().map(|(name, _)| name.width().min(usize::from(u16::MAX / 2)) as u16);
    (names.max().unwrap_or(0).max(44) + 12, profiles.choices.len() as u16 + 3)
}

/// The width of a menu's column of keys.
pub fn menu_key_column(entries: &[MenuEntry]) -> u16 {
    entries.iter().map(|entry| entry.key.width() as u16).max().unwrap_or(0) + 2
}

/// The actions that the palette lists for what was typed: every word of it must be in the name or the help. Those that
/// can be done now come first.
pub fn palette(app: &App, typed: &str) -> Vec<&'static Entry> {
    let typed = typed.to_lowercase();
    let wanted: Vec<&str> = typed.split_whitespace().collect();
    let matches = |entry: &&Entry| {
        let text = format!("{} {}", entry.name, entry.help);
        entry.in_palette && wanted.iter().all(|word| text.contains(word))
    };
    let mut found: Vec<&'static Entry> = ENTRIES.iter().filter(matches).collect();
    found.sort_by_key(|entry| (!is_available(entry.action, app), !entry.name.starts_with(typed.trim())));
    found
}

/// A heading of the help with its lines: keys, and what they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpGroup {
    /// The heading.
    pub title: &'static str,
    /// Keys, joined by blanks, and what they do.
    pub lines: Vec<(String, &'static str)>,
}

/// The help: every action that has a key.
pub fn help(app: &App) -> Vec<HelpGroup> {
    let of_group = |group: Group| {
        let entries = ENTRIES.iter().filter(|entry| entry.group == group);
        let lines = entries.map(|entry| (app.keymap.keys_of(entry.action).join(" "), entry.help));
        HelpGroup { title: group.title(), lines: lines.filter(|(keys, _)| !keys.is_empty()).collect() }
    };
    Group::ALL.into_iter().map(of_group).collect()
}

/// The last line of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footer {
    /// Verbs that act now: key and word, the most important first.
    pub verbs: Vec<(String, &'static str)>,
    /// What they act on: `web, db`.
    pub on: String,
    /// Other keys that act now.
    pub others: Vec<(String, &'static str)>,
    /// How the last verb ended, or how it stands.
    pub outcome: Option<Outcome>,
}

/// What keys mean while lines of a log are selected.
const SELECTING: [(Action, &str); 7] = [
    (Action::Copy, "copy the lines"),
    (Action::Back, "select none"),
    (Action::Previous, "a line up"),
    (Action::Next, "down"),
    (Action::PageUp, "a page up"),
    (Action::First, "to the first"),
    (Action::Last, "to the last"),
];

/// The footer now. Words that do not fit are dropped from the ends of its lists.
pub fn footer(app: &App) -> Footer {
    if app.focus == Pane::Logs && app.logs.focused_view().is_some_and(|view| view.selection().is_some()) {
        return footer_of_selection(app);
    }
    let mut ranked: Vec<(u8, &'static Entry, &'static str)> = ENTRIES
        .iter()
        .filter(|entry| acts_here(app, entry) && is_available(entry.action, app))
        .filter_map(|entry| entry.footer.map(|(rank, word)| (rank, entry, word)))
        .collect();
    ranked.sort_by_key(|(rank, ..)| *rank);
    let keys = |verbs: bool| {
        let of_kind = ranked.iter().filter(|(_, entry, _)| is_on_target(entry) == verbs);
        let shown = of_kind.map(|(_, entry, word)| (app.keymap.key_of(entry.action), *word));
        shown.filter(|(key, _)| !key.is_empty()).collect::<Vec<_>>()
    };
    let on = app.target().map(|target| app.target_words(&target)).unwrap_or_default();
    Footer { verbs: keys(true), on, others: keys(false), outcome: app.outcome.clone() }
}

/// While lines are selected, the keys of that.
fn footer_of_selection(app: &App) -> Footer {
    let others = SELECTING.iter().map(|(action, word)| (app.keymap.key_of(*action), *word));
    let others = others.filter(|(key, _)| !key.is_empty()).collect();
    Footer { others, outcome: app.outcome.clone(), ..Footer::default() }
}

/// Whether an action acts on what the footer names.
fn is_on_target(entry: &Entry) -> bool {
    entry.is_verb && !matches!(entry.action, Action::Down | Action::UpProject | Action::VerbMenu)
}

fn acts_here(app: &App, entry: &Entry) -> bool {
    use super::action::Context::{Everywhere, Home, Layer, Lists, Logs};
    match entry.context {
        Everywhere | Home => true,
        Lists => app.focus != Pane::Logs,
        Logs => app.focus == Pane::Logs,
        Layer => false,
    }
}

/// The project's name, where a `down` dialog asks for it to be typed: volumes would go.
pub fn name_to_type(app: &App, run: RunId) -> Option<&str> {
    let request = &app.runs.get(run)?.request;
    DownChoice::Volumes.is_on(&request.options).then_some(request.project.as_str())
}

/// The title of a plan's dialog: `Up  shop`.
pub fn plan_title(app: &App, run: RunId) -> String {
    let Some(run) = app.runs.get(run) else { return String::new() };
    let verb = run.request.verb.name();
    let mut letters = verb.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let whom = match &run.request.target {
        Target::Project => run.request.project.clone(),
        target => app.target_words(target),
    };
    format!("{}{}  {whom}", first.unwrap_or_default(), letters.as_str())
}

/// What the dialog of a plan says is the same on the command line.
pub fn same_as(app: &App, run: RunId) -> Option<String> {
    let run = app.runs.get(run)?;
    let project = app.project.as_ref()?;
    let observed = crate::observed::Observed {
        containers: app.engine.containers.of_project(project).cloned().collect(),
        ..crate::observed::Observed::default()
    };
    Some(plan::equivalent(app.shown_project(), &observed, &run.request))
}

/// Why nothing of the engine can be shown and what to do, a paragraph each; none once it has told of anything.
pub fn no_engine(app: &App) -> Option<[String; 2]> {
    let Link::Lost { error, .. } = &app.engine.link else { return None };
    let advice = "It is tried again by itself. --host, DOCKER_HOST or a Docker context name another engine.";
    app.engine.containers.is_empty().then(|| [error.clone(), advice.to_owned()])
}

/// How many errors and warnings there are, in words.
pub fn findings_count(app: &App) -> String {
    let errors = app.file.error_count();
    let warnings = app.file.diagnostics.len() - errors;
    format!("{}, {}", words::counted(errors, "error"), words::counted(warnings, "warning"))
}

/// The record of what happened, as lines of the layer: time, grade, subject and text; empty subject for further lines.
pub fn activity_line_count(app: &App) -> usize {
    app.activity.entries().map(|entry| 1 + entry.more.len()).sum()
}

/// How many lines or entries a layer has.
pub fn line_count(app: &App, layer: &Layer) -> usize {
    match layer {
        Layer::Help(_) => help(app).iter().map(|group| group.lines.len() + 2).sum(),
        Layer::Menu(shown) => menu(app, shown).len(),
        Layer::Palette(shown) => palette(app, &shown.input.text).len(),
        Layer::Plan(dialog) => plan_line_count(app, dialog.run),
        Layer::Down(_) => DownChoice::ALL.len(),
        Layer::Details(shown) => details::lines(app, shown).len(),
        Layer::Activity(_) => activity_line_count(app),
        Layer::Projects(_) => rows::projects(app).len(),
        Layer::Profiles(profiles) => profiles.choices.len(),
        Layer::Diagnostics(_) => findings::all(app, layer_width(app)).len(),
        Layer::Prompt(_) | Layer::Confirm(_) => 1,
    }
}

/// Whether an empty line stands between two steps of a plan: those of one line each on things of one kind stand together,
/// and what says more stands by itself.
pub fn stand_apart(step: &Step, next: &Step) -> bool {
    change_count(step) + change_count(next) > 0 || thing(step.kind) != thing(next.kind)
}

/// What a step is about: images, networks, volumes, containers.
fn thing(kind: StepKind) -> u8 {
    match kind {
        StepKind::Pull | StepKind::Build | StepKind::RemoveImage => 0,
        StepKind::CreateNetwork | StepKind::RecreateNetwork | StepKind::RemoveNetwork => 1,
        StepKind::CreateVolume | StepKind::RecreateVolume | StepKind::RemoveVolume => 2,
        _ => 3,
    }
}

fn change_count(step: &Step) -> usize {
    match &step.cause {
        Cause::Drift(changes) => changes.len(),
        _ => 0,
    }
}

/// How many lines a plan takes at most: its steps with their changes, the empty lines between, and its notes.
fn plan_line_count(app: &App, run: RunId) -> usize {
    let Some(plan) = app.runs.get(run).and_then(|run| run.plan.as_ref()) else { return 0 };
    let steps = plan::steps(plan);
    let apart = steps.windows(2).filter(|pair| stand_apart(&pair[0], &pair[1])).count();
    steps.iter().map(|step| change_count(step) + 1).sum::<usize>() + apart + plan.notes.len() + 7
}

/// Lines of a plan's dialog that are none of the plan: air above; below it a free line, the command line, another free
/// one, and the keys.
pub const PLAN_FRAME: u16 = 5;

/// How many lines of a layer that fills the screen are visible; a plan's dialog keeps some of them for itself.
pub fn layer_height(app: &App, layer: &Layer) -> u16 {
    let own = if matches!(layer, Layer::Plan(_)) { PLAN_FRAME } else { 0 };
    layout::areas(app).middle().height.saturating_sub(2 + own).max(1)
}

/// The columns of text that a full layer shows at once: without its frame and the two blanks at each side.
pub fn layer_width(app: &App) -> usize {
    usize::from(layout::areas(app).middle().width.saturating_sub(6))
}

/// The title of the activity: what went wrong since the keyboard was last touched.
pub fn activity_title(app: &App) -> String {
    let mut failures: IndexMap<&str, usize> = IndexMap::new();
    for entry in app.activity.unseen_failures() {
        *failures.entry(&entry.subject).or_default() += 1;
    }
    let told = failures.iter().map(|(subject, count)| match count {
        1 => (*subject).to_owned(),
        _ => format!("{subject} {}", words::counted(*count, "time")),
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!("since you looked: {}", words::names(&told)) }
}

/// The sign of a grade.
pub fn grade_sign(grade: Grade, symbols: rows::Symbols) -> &'static str {
    let (unicode, ascii) = match grade {
        Grade::Good => ("✔", "+"),
        Grade::Busy => ("◐", "~"),
        Grade::Neutral => ("·", "."),
        Grade::Bad => ("✖", "x"),
    };
    match symbols {
        rows::Symbols::Unicode => unicode,
        rows::Symbols::Ascii => ascii,
    }
}
