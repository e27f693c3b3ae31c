//! The dialog that shows what a verb would change, before it is done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::frame::{Title, divider};
use super::super::pen::Pen;
use super::super::segment::Segment;
use super::super::text::width;
use super::super::theme::Theme;
use super::{dialog, key_label, lines, more_below, padded, write_keys};
use crate::app::action::Action;
use crate::app::layers::PlanDialog;
use crate::app::layout::Areas;
use crate::app::rows::{StateKind, of_container};
use crate::app::runs::{Phase, Run, Standing, standing};
use crate::app::{App, Grade, RunId, content, words};
use crate::observed::Container;
use crate::plan::{Cause, Change, Plan, PlanNote, Step, StepKind, Verb, steps};

/// The dialog's width without its frame.
const WIDTH: u16 = 98;
/// Lines below the plan; one more of its frame's is above.
const FOOT: u16 = content::PLAN_FRAME - 1;
/// A longer subject pushes its cause to the right.
const WIDEST_SUBJECT: u16 = 36;

/// Draws the dialog.
pub fn draw(app: &App, layer: &PlanDialog, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let Some(run) = app.runs.get(layer.run) else { return };
    let name = content::plan_title(app, layer.run);
    let count = run.plan.as_deref().map(counts).unwrap_or_default();
    let what = if run.is_under_way() { "  what is being done" } else { "  what would change" };
    let count = if run.is_under_way() { how_far(app, run) } else { count };
    let title = Title { left: &[(&name, theme.strong), (what, theme.dim)], right: &[(&count, theme.dim)] };
    let shown = content(app, run, layer.has_changed, theme);
    let height = (shown.len() as u16).saturating_add(content::PLAN_FRAME);
    let inside = dialog(areas, (WIDTH, height), &title, theme, buffer);
    let page = padded(inside, 3);
    let [body, foot] = split(page, FOOT);
    let below = lines(&shown, layer.offset, body, theme, buffer);
    if below > 0 {
        divider(buffer, inside, foot.y, theme);
    }
    more_below(below, inside, theme, buffer);
    draw_foot(app, run, foot, theme, buffer);
}

/// The upper part, and a lower one of so many lines where there is room for both.
pub(super) fn split(area: Rect, below: u16) -> [Rect; 2] {
    let below = below.min(area.height);
    let above = area.height - below;
    [Rect { height: above, ..area }, Rect { y: area.y + above, height: below, ..area }]
}

/// The same with Docker's own tools, and the keys.
fn draw_foot(app: &App, run: &Run, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let [_, last_three] = split(area, 3);
    same_as(app, run.id, last_three, theme, buffer);
    let [_, last] = split(area, 1);
    write_keys(keys(app, run, theme), last, theme, buffer);
}

/// Writes `same as  docker compose up -d web`.
pub(super) fn same_as(app: &App, run: RunId, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let command = content::same_as(app, run).unwrap_or_default();
    Pen::new(buffer, area, 0, &theme.symbols).text("same as  ", theme.dim).text(&command, theme.text);
}

fn keys(app: &App, run: &Run, theme: &Theme) -> Vec<Segment<'static>> {
    if run.is_under_way() {
        return vec![
            Segment::key(1, 0, key_label(app, Action::Back), "let it go on unseen", theme),
            Segment::key(2, 4, key_label(app, Action::CancelRun), "cancel it", theme),
        ];
    }
    let options = &run.request.options;
    let mut segments = vec![Segment::key(1, 0, key_label(app, Action::Accept), "do it", theme)];
    let choices = [
        (3, Action::ChooseBuild, "build first", options.build),
        (4, Action::ChoosePull, "pull first", options.pull),
        (5, Action::ChooseOrphans, "remove orphans", options.remove_orphans),
    ];
    for (rank, action, word, is_on) in choices.into_iter().filter(|_| run.request.verb == Verb::Up) {
        let segment = Segment::key(rank, 4, key_label(app, action), word, theme);
        let done = format!(" {}", theme.symbols.done);
        segments.push(if is_on { segment.and(done, theme.good) } else { segment });
    }
    segments.push(Segment::key(2, 4, key_label(app, Action::Back), "leave it", theme));
    segments
}

fn content(app: &App, run: &Run, has_changed: bool, theme: &Theme) -> Vec<Line<'static>> {
    let Some(plan) = &run.plan else {
        return vec![Line::styled("Looking at what is there …", theme.dim)];
    };
    let mut shown = Vec::new();
    if has_changed {
        let text = "What is there has changed meanwhile: this is what would be done now.";
        shown.extend([Line::styled(text, theme.busy), Line::default()]);
    } else if run.phase == Phase::Confirming {
        shown.extend([Line::styled("Looking once more at what is there …", theme.dim), Line::default()]);
    }
    let steps = steps(plan);
    if steps.is_empty() {
        shown.extend([Line::styled("Nothing to do: all is as the file says.", theme.text), Line::default()]);
    }
    let subject = |step: &Step| width(step_words(step.kind).1) + width(&step.subject);
    let subjects = steps.iter().map(subject).max().unwrap_or(0).min(WIDEST_SUBJECT);
    for (place, step) in steps.iter().enumerate() {
        shown.extend(of_step(app, run, step, subjects, theme));
        if steps.get(place + 1).is_none_or(|next| content::stand_apart(step, next)) {
            shown.push(Line::default());
        }
    }
    if plan.is_provisional {
        let text = "Once the images are there, the containers are planned again with them.";
        shown.extend([Line::styled(text, theme.dim), Line::default()]);
    }
    shown.extend(unchanged(plan, theme));
    // Its choices are made by then.
    let notes = plan.notes.iter().filter(|_| !run.is_under_way());
    shown.extend(notes.filter_map(|note| of_note(app, note, theme)));
    shown.extend(losses(&steps, plan, theme));
    shown
}

/// The step's sign, what it does, to what and why; then what differs. While it is done, how it stands.
fn of_step(app: &App, run: &Run, step: &Step, subjects: u16, theme: &Theme) -> Vec<Line<'static>> {
    let (sign, style) = step_sign(step.kind, theme);
    let why = (cause(app, step), theme.dim);
    let (sign, style, (right, right_style)) = match standing(app, run, step) {
        None | Some(Standing::Pending) => (sign, style, why),
        Some(Standing::Done) => (content::grade_sign(Grade::Good, theme.symbols.states), theme.good, why),
        Some(Standing::Going(text)) => {
            (content::grade_sign(Grade::Busy, theme.symbols.states), theme.busy, (text, theme.busy))
        }
        Some(Standing::Failed(text)) => {
            (content::grade_sign(Grade::Bad, theme.symbols.states), theme.bad, (text, theme.bad))
        }
        Some(Standing::Left) => (
            content::grade_sign(Grade::Neutral, theme.symbols.states),
            theme.dim,
            ("not done".to_owned(), theme.dim),
        ),
    };
    let (verb, thing) = step_words(step.kind);
    let subject = format!("{thing}{}", step.subject);
    let gap = " ".repeat(usize::from((subjects + 3).saturating_sub(width(&subject)).max(3)));
    let mut shown = vec![Line::from(vec![
        Span::styled(format!("{sign} {verb:<9}"), style),
        Span::styled(thing, theme.dim),
        Span::styled(step.subject.clone(), theme.strong),
        Span::raw(gap),
        Span::styled(right, right_style),
    ])];
    if let Cause::Drift(changes) = &step.cause {
        let attributes =
            changes.iter().map(|change| width(&change.attribute)).max().unwrap_or(0).clamp(8, 24);
        shown.extend(changes.iter().map(|change| of_change(change, attributes, theme)));
    }
    shown
}

/// The sign and colour of a step.
pub(super) fn step_sign(kind: StepKind, theme: &Theme) -> (&'static str, Style) {
    let symbols = &theme.symbols;
    match kind {
        StepKind::Pull => (symbols.down, theme.name),
        StepKind::Build | StepKind::CreateNetwork | StepKind::CreateVolume | StepKind::Create => {
            (symbols.create, theme.good)
        }
        StepKind::Recreate | StepKind::RecreateNetwork | StepKind::RecreateVolume | StepKind::Restart => {
            (symbols.recreate, theme.busy)
        }
        StepKind::Start | StepKind::Unpause => (symbols.start, theme.good),
        StepKind::Stop => (symbols.stop, theme.busy),
        StepKind::Pause => (StateKind::Paused.sign(symbols.states), theme.paused),
        StepKind::Kill
        | StepKind::Remove
        | StepKind::RemoveNetwork
        | StepKind::RemoveVolume
        | StepKind::RemoveImage => (symbols.remove, theme.bad),
    }
}

/// The verb, and the kind of thing where it is no container.
fn step_words(kind: StepKind) -> (&'static str, &'static str) {
    let (verb, thing) = kind.name().split_once(' ').unwrap_or((kind.name(), ""));
    let thing = match (thing, kind) {
        ("network", _) => "network ",
        ("volume", _) => "volume ",
        ("image", _) | (_, StepKind::Pull | StepKind::Build) => "image ",
        _ => "",
    };
    (verb, thing)
}

fn cause(app: &App, step: &Step) -> String {
    let standing =
        || container(app, &step.subject).map(|one| of_container(app, one).text).unwrap_or_default();
    match &step.cause {
        Cause::Missing => "not there yet".to_owned(),
        Cause::Drift(changes) if changes.is_empty() => "its configuration differs".to_owned(),
        Cause::Drift(_) => standing(),
        Cause::NewImage => "its image is another one now".to_owned(),
        Cause::NotRunning => format!("{}, unchanged", standing()).trim_start_matches(", ").to_owned(),
        Cause::Asked | Cause::Replacement => String::new(),
        Cause::ScaledDown => "more replicas than wanted".to_owned(),
        Cause::Follows(other) => format!("follows {other}"),
        Cause::NeededBy(other) => format!("needed by {other}"),
        Cause::Orphan => "no service of the file accounts for it".to_owned(),
    }
}

fn container<'a>(app: &'a App, subject: &str) -> Option<&'a Container> {
    let project = app.project.as_deref()?;
    app.engine.containers.of_project(project).find(|one| app.short_name(one) == subject)
}

/// `image  redis:4.0 → redis:7.2`, `environment  + LEVEL=debug   .env:12`.
pub(super) fn of_change(change: &Change, attributes: u16, theme: &Theme) -> Line<'static> {
    let columns = usize::from(attributes);
    let mut spans = vec![Span::styled(format!("       {:<columns$} ", change.attribute), theme.dim)];
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => spans.extend([
            Span::styled(old.clone(), theme.removed),
            Span::styled(format!("  {}  ", theme.symbols.arrow), theme.dim),
            Span::styled(new.clone(), theme.added),
        ]),
        (None, Some(new)) => spans.push(Span::styled(format!("+ {new}"), theme.added)),
        (Some(old), None) => spans.push(Span::styled(format!("- {old}"), theme.removed)),
        (None, None) => {}
    }
    if let Some(place) = &change.place {
        spans.push(Span::styled(format!("   {place}"), theme.dim));
    }
    Line::from(spans)
}

fn unchanged(plan: &Plan, theme: &Theme) -> Option<Line<'static>> {
    if plan.unchanged.is_empty() {
        return None;
    }
    let sign = StateKind::Disabled.sign(theme.symbols.states);
    Some(Line::styled(format!("{sign} unchanged  {}", grouped(&plan.unchanged, theme).join(", ")), theme.dim))
}

/// Replicas of one service as one name: `web ×2`.
fn grouped(names: &[String], theme: &Theme) -> Vec<String> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for name in names {
        let number =
            name.rsplit_once('-').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
        let service = number.map_or(name.as_str(), |(service, _)| service);
        match groups.iter_mut().find(|(known, _)| *known == service) {
            Some((_, count)) => *count += 1,
            None => groups.push((service, 1)),
        }
    }
    let shown = |(name, count): (&str, usize)| match count {
        1 => name.to_owned(),
        _ => format!("{name} {}{count}", theme.symbols.times),
    };
    groups.into_iter().map(shown).collect()
}

fn of_note(app: &App, note: &PlanNote, theme: &Theme) -> Option<Line<'static>> {
    let states = theme.symbols.states;
    match note {
        PlanNote::Orphan { container, .. } => Some(Line::from(vec![
            Span::styled(format!("{} {:<9}", StateKind::Orphan.sign(states), "orphan"), theme.orphan),
            Span::styled(container.clone(), theme.text),
            Span::styled("   not in the file; ", theme.dim),
            Span::styled(key_label(app, Action::ChooseOrphans), theme.key),
            Span::styled(" removes it as well", theme.dim),
        ])),
        PlanNote::PortTaken { service, port, holder } => {
            let text =
                format!("{} port {port} of {service} is held by {holder}", StateKind::Failed.sign(states));
            Some(Line::styled(text, theme.bad))
        }
        PlanNote::KeepsVolume { .. } | PlanNote::KeepsContainer { .. } => None,
        PlanNote::NotPulled { .. } => Some(Line::styled(note.to_string(), theme.dim)),
        PlanNote::VolumeDiffers { .. } | PlanNote::Warning(_) => {
            Some(Line::styled(note.to_string(), theme.busy))
        }
    }
}

/// What stays and what goes, in a sentence each.
fn losses(steps: &[Step], plan: &Plan, theme: &Theme) -> Vec<Line<'static>> {
    let recreated = steps.iter().filter(|step| step.kind == StepKind::Recreate);
    let names: Vec<&str> = recreated.map(|step| step.subject.as_str()).collect();
    let kept = plan.notes.iter().filter_map(|note| match note {
        PlanNote::KeepsVolume { volume } => Some(volume.as_str()),
        _ => None,
    });
    let kept: Vec<&str> = kept.collect();
    let mut shown = Vec::new();
    if !kept.is_empty() {
        let [thing, stays] = if kept.len() == 1 { ["Volume ", " stays."] } else { ["Volumes ", " stay."] };
        shown.push(Line::from(vec![
            Span::styled(thing, theme.text),
            Span::styled(words::names(&kept), theme.name),
            Span::styled(stays, theme.text),
        ]));
    }
    if !names.is_empty() {
        let text = format!("What {} wrote outside of volumes goes.", words::names(&names));
        shown.push(Line::styled(text, theme.text));
    }
    if !shown.is_empty() {
        shown.insert(0, Line::default());
    }
    shown
}

/// `2 of 3 done`.
fn how_far(app: &App, run: &Run) -> String {
    let steps = run.plan.as_deref().map(steps).unwrap_or_default();
    let done = steps.iter().filter(|step| standing(app, run, step) == Some(Standing::Done)).count();
    format!("{done} of {} done", steps.len())
}

/// `3 changes · 6 unchanged`.
fn counts(plan: &Plan) -> String {
    format!("{}, {} unchanged", words::counted(steps(plan).len(), "change"), plan.unchanged.len())
}
