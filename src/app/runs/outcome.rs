//! What the footer and the activity say of a verb: while it goes on, and how it ended.

use std::time::Duration;

use super::{Phase, Run};
use crate::app::activity::Entry;
use crate::app::{App, Grade, Outcome, RunId, words};
use crate::plan::{OpKind, OpState, Target, Verb};

/// What takes less is not worth a figure.
const AT_ONCE: Duration = Duration::from_millis(100);

/// `restart api`, `up shop`.
pub(super) fn title(app: &App, id: RunId) -> String {
    app.runs.get(id).map_or_else(String::new, |run| title_of(app, run))
}

/// `restart api`, `up shop`.
pub fn title_of(app: &App, run: &Run) -> String {
    format!("{} {}", run.request.verb.name(), app.target_words(&run.request.target))
}

/// The verb that is not done yet, for the question before quitting.
pub fn unfinished(app: &App) -> Option<String> {
    let holding = app.runs.all.values().filter(|run| run.phase.holds());
    let titles: Vec<String> = holding.map(|run| title_of(app, run)).collect();
    (!titles.is_empty()).then(|| words::names(&titles))
}

/// Tells that a run goes on.
pub(super) fn tell(app: &mut App, id: RunId) {
    let Some(run) = app.runs.get(id) else { return };
    let text = match run.phase {
        Phase::Queued => "queued".to_owned(),
        Phase::Cancelling => "cancelling".to_owned(),
        Phase::Planning | Phase::Confirming | Phase::Asking => String::new(),
        Phase::Running => how_far(run),
        Phase::Settling { .. } => "…".to_owned(),
    };
    let subject = title_of(app, run);
    if run.phase == Phase::Asking {
        return;
    }
    let footer = format!("{subject} {text}");
    app.outcome = Some(Outcome { grade: Grade::Busy, text: footer.trim_end().to_owned(), at: app.now });
    record(app, id, Grade::Busy, subject, text);
}

/// Tells how far a run is, in the footer only where that speaks of this run already: one that ended meanwhile has its
/// outcome there.
pub(super) fn tell_progress(app: &mut App, id: RunId) {
    let Some(run) = app.runs.get(id).filter(|run| run.phase == Phase::Running) else { return };
    let (subject, text) = (title_of(app, run), how_far(run));
    let is_busy = |outcome: &&mut Outcome| outcome.grade == Grade::Busy && outcome.text.starts_with(&subject);
    if let Some(outcome) = app.outcome.as_mut().filter(is_busy) {
        outcome.text = format!("{subject} {text}");
    }
    record(app, id, Grade::Busy, subject, text);
}

/// `12 of 33 ops`; of a single op there is nothing to count.
fn how_far(run: &Run) -> String {
    let done = run.progress.iter().filter(|op| op.state == Some(OpState::Done)).count();
    match run.progress.len() {
        0 | 1 => "…".to_owned(),
        all => format!("{} of {} ops", run.ops_before + done, run.ops_before + all),
    }
}

/// Tells how a run that has been carried out stands: `api restarted, health 3/5`.
pub(super) fn tell_settling(app: &mut App, id: RunId, state: &str) {
    let Some(run) = app.runs.get(id) else { return };
    let subject = title_of(app, run);
    let past = past(&run.request.verb);
    let text = format!("{} {past}, {state}", app.target_words(&run.request.target));
    app.outcome = Some(Outcome { grade: Grade::Busy, text, at: app.now });
    record(app, id, Grade::Busy, subject, state.to_owned());
}

/// Tells how a run ended.
pub(super) fn tell_end(app: &mut App, id: RunId, grade: Grade, text: String) {
    let subject = title(app, id);
    app.outcome = Some(Outcome { grade, text: text.clone(), at: app.now });
    record(app, id, grade, subject, text);
}

fn record(app: &mut App, id: RunId, grade: Grade, subject: String, text: String) {
    let entry = Entry { at: app.now.wall, grade, subject, text, more: Vec::new(), run: Some(id) };
    app.activity.tell_run(entry);
}

/// `api healthy after 4.1 s`; of a project `shop: 7 services, 31 ops, all healthy after 6.2 s`.
pub(super) fn settled(app: &App, id: RunId, state: &str, took: Duration) -> String {
    let Some(run) = app.runs.get(id) else { return String::new() };
    let took = after(took);
    let text = match &run.request.target {
        Target::Project => {
            let services = run.plan.as_ref().map_or(0, |plan| plan.claims.len());
            let ops = run.ops_before + run.progress.len();
            let (services, ops) = (words::counted(services, "service"), words::counted(ops, "op"));
            format!("{services}, {ops}, all {state}{took}")
        }
        target => format!("{} {state}{took}", app.target_words(target)),
    };
    if drifted(app, run) { format!("{text}; u applies the file") } else { text }
}

/// Whether a restart left something as it was though the file says otherwise by now.
fn drifted(app: &App, run: &Run) -> bool {
    let containers = app.containers_in(&run.request.target);
    run.request.verb == Verb::Restart && containers.iter().any(|one| app.drift.contains_key(&one.id))
}

/// How a verb ended that leaves nothing to wait for.
pub(super) fn done(app: &App, id: RunId) -> String {
    let Some(run) = app.runs.get(id) else { return String::new() };
    let took = after(app.now.mono.saturating_sub(run.began_at.unwrap_or(app.now.mono)));
    let whom = app.target_words(&run.request.target);
    match &run.request.verb {
        Verb::Kill(signal) => format!("{whom} got {signal}"),
        Verb::Down => format!("{whom} is down: {}{took}", removed(run)),
        Verb::Remove => format!("{whom}: {}", removed(run)),
        verb => format!("{whom} {}{took}", past(verb)),
    }
}

/// ` after 4.1 s`; nothing where it took next to no time.
fn after(took: Duration) -> String {
    if took < AT_ONCE { String::new() } else { format!(" after {}", words::span(took)) }
}

/// What was taken away: `7 containers, 2 networks removed`.
fn removed(run: &Run) -> String {
    let ops = run.plan.iter().flat_map(|plan| &plan.ops);
    let mut counts = [(0, "container"), (0, "network"), (0, "volume"), (0, "image")];
    for op in ops {
        let place = match op.kind {
            OpKind::RemoveContainer { .. } => 0,
            OpKind::RemoveNetwork { .. } => 1,
            OpKind::RemoveVolume { .. } => 2,
            OpKind::RemoveImage { .. } => 3,
            _ => continue,
        };
        counts[place].0 += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, thing)| words::counted(count, thing))
        .collect();
    if parts.is_empty() { "nothing removed".to_owned() } else { format!("{} removed", parts.join(", ")) }
}

/// What is said where a plan is empty.
pub(super) fn nothing_to_do(app: &App, id: RunId) -> String {
    let Some(run) = app.runs.get(id) else { return String::new() };
    let whom = app.target_words(&run.request.target);
    match &run.request.verb {
        Verb::Up => format!("{whom}: as the file says already"),
        Verb::Down => format!("{whom}: nothing to take down"),
        Verb::Start => format!("{whom}: nothing is stopped"),
        Verb::Stop | Verb::Restart | Verb::Kill(_) => format!("{whom}: nothing runs"),
        Verb::Pause => format!("{whom}: nothing to pause"),
        Verb::Unpause => format!("{whom}: nothing is paused"),
        Verb::Remove => format!("{whom}: no stopped containers"),
        Verb::Build => format!("{whom}: nothing to build"),
        Verb::Pull | Verb::Run(_) => format!("{whom}: nothing to pull"),
    }
}

fn past(verb: &Verb) -> &'static str {
    match verb {
        Verb::Up => "is up",
        Verb::Down => "is down",
        Verb::Start => "started",
        Verb::Stop => "stopped",
        Verb::Restart => "restarted",
        Verb::Pause => "paused",
        Verb::Unpause => "goes on",
        Verb::Kill(_) => "killed",
        Verb::Remove => "removed",
        Verb::Build => "built",
        Verb::Pull => "pulled",
        Verb::Run(_) => "run once",
    }
}
