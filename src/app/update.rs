//! From one message to the next: routing, and what has to hold after every message. Each kind of message has its file.

mod facts;
mod home;
mod key;
mod layers;
mod load;
mod logs;
mod mouse;
mod past;
mod scroll;
mod time;

use super::{App, Effect, Msg, Outcome, Pane, images, layout, processes, runs, sampling};
use super::{Grade, rows};

/// Takes a message in. Returns what is to be done outside.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Time(now) => time::advance(app, now, &mut effects),
        Msg::Logs(batch) => logs::batch(app, &batch),
        Msg::Fact(fact) => facts::take(app, fact, &mut effects),
        Msg::PortHolders(holders) => facts::port_holders(app, holders),
        // Nothing is to be seen until they are read again.
        Msg::FilesChanged => app.file.changed_at = app.file.changed_at.or(Some(app.now.mono)),
        Msg::Loaded(file) if load::is_known(app, &file) => load::watch(app, file.probed, &mut effects),
        other => {
            take(app, other, &mut effects);
            app.revision += 1;
        }
    }
    effects
}

/// The messages after which the screen may look different, whatever they say.
fn take(app: &mut App, msg: Msg, effects: &mut Vec<Effect>) {
    match msg {
        Msg::Key(event) => key::press(app, &event, effects),
        Msg::Mouse(event) => mouse::take(app, event, effects),
        Msg::Paste(text) => layers::paste(app, &text),
        Msg::Resize { width, height } => app.size = super::Size { width, height },
        Msg::LogsEnded { container, stream, end } => {
            app.logs.store.ended(&container, stream, end);
            facts::retell_lives(app, &container);
        }
        Msg::Loaded(file) => load::loaded(app, *file, effects),
        Msg::NotLoaded { reason, probed } => load::not_loaded(app, reason, probed, effects),
        Msg::Planned { run, result } => runs::planned(app, run, result, effects),
        Msg::Replanned { run, plan } => runs::replanned(app, run, plan),
        Msg::Progress { run, report } => runs::progressed(app, run, report),
        Msg::Ended { run, end } => runs::ended(app, run, end, effects),
        Msg::Images(read) => images::read(app, read),
        Msg::Processes { id, result } => processes::listed(app, &id, result),
        Msg::Found(result) => logs::found(app, &result),
        Msg::LayoutRecalled { project, text } => logs::recalled(app, &project, text.as_deref()),
        Msg::Notice { failed, text } => say(app, if failed { Grade::Bad } else { Grade::Good }, text),
        Msg::Terminate => effects.push(Effect::Quit),
        Msg::Time(_) | Msg::Logs(_) | Msg::Fact(_) | Msg::PortHolders(_) | Msg::FilesChanged => {}
    }
    settle(app, effects);
}

/// Puts right what follows from the rest: cursors, the views in the Logs pane, settling runs, readings that are due.
fn settle(app: &mut App, effects: &mut Vec<Effect>) {
    settle_lists(app);
    logs::follow_cursor(app);
    runs::settle(app);
    layers::settle_question(app);
    logs::arrange(app, effects);
    logs::go_on(app, effects);
    logs::sift(app);
    logs::remember(app, effects);
    images::ask(app, effects);
    facts::look_for_holders(app, effects);
    sampling::ask(app, effects);
    processes::ask(app, effects);
}

fn settle_lists(app: &mut App) {
    let before = app.lists.services.key.clone();
    let names = rows::service_names(app);
    app.lists.services.settle(&names, layout::list_height(app, Pane::Services));
    if app.lists.services.key != before {
        app.lists.moved_at = app.now.mono;
    }
    let containers: Vec<_> = rows::containers(app).into_iter().map(|row| row.id).collect();
    app.lists.containers.settle(&containers, layout::list_height(app, Pane::Containers));
    let ports: Vec<_> = rows::ports(app).into_iter().map(|row| row.key).collect();
    app.lists.ports.settle(&ports, layout::list_height(app, Pane::Ports));
}

/// Puts words into the footer.
pub(super) fn say(app: &mut App, grade: Grade, text: impl Into<String>) {
    app.outcome = Some(Outcome { grade, text: text.into(), at: app.now });
}
