//! A plan as a person sees it: a container that is recreated is one step, though it takes five ops.

use super::{Cause, Op, OpId, OpKind, Plan};

/// What happens to the thing that a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// An image is pulled.
    Pull,
    /// An image is built.
    Build,
    /// A network is made.
    CreateNetwork,
    /// A network is replaced by one as the file wants it.
    RecreateNetwork,
    /// A volume is made.
    CreateVolume,
    /// A volume is replaced by one as the file wants it; what was in it is lost.
    RecreateVolume,
    /// A container is made and started.
    Create,
    /// A container is replaced.
    Recreate,
    /// A container stops and starts again as it is.
    Restart,
    /// A container that is there is started.
    Start,
    /// A container is stopped and stays.
    Stop,
    /// A container is frozen.
    Pause,
    /// A container is thawed.
    Unpause,
    /// A container gets a signal.
    Kill,
    /// A container is removed.
    Remove,
    /// A network is removed.
    RemoveNetwork,
    /// A volume is removed with all that is in it.
    RemoveVolume,
    /// An image is removed.
    RemoveImage,
}

impl StepKind {
    /// The verb, for a list: `recreate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Build => "build",
            Self::CreateNetwork => "create network",
            Self::RecreateNetwork => "recreate network",
            Self::CreateVolume => "create volume",
            Self::RecreateVolume => "recreate volume",
            Self::Create => "create",
            Self::Recreate => "recreate",
            Self::Restart => "restart",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Kill => "kill",
            Self::Remove => "remove",
            Self::RemoveNetwork => "remove network",
            Self::RemoveVolume => "remove volume",
            Self::RemoveImage => "remove image",
        }
    }

    /// Whether something that was there goes for good or is replaced.
    pub fn is_destructive(self) -> bool {
        matches!(
            self,
            Self::Recreate
                | Self::RecreateNetwork
                | Self::RecreateVolume
                | Self::Remove
                | Self::RemoveNetwork
                | Self::RemoveVolume
                | Self::RemoveImage
        )
    }
}

/// One change that a person sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What happens.
    pub kind: StepKind,
    /// To what: `redis-1`, `shop_default`.
    pub subject: String,
    /// The service it belongs to, if to one.
    pub service: Option<String>,
    /// Why; with the changes where the file differs.
    pub cause: Cause,
    /// The ops that make it, in the order of the plan. It is done when all are.
    pub ops: Vec<OpId>,
}

/// The steps of a plan, in the order in which they begin. A wait belongs to the first step of the service that waits.
pub fn steps(plan: &Plan) -> Vec<Step> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, op) in plan.ops.iter().enumerate().filter(|(_, op)| !is_wait(op)) {
        let what = thing(&op.kind);
        match groups.iter_mut().find(|group| group.thing == what && group.subject == op.subject) {
            Some(group) => group.ops.push(OpId(index)),
            None => groups.push(Group { thing: what, subject: &op.subject, ops: vec![OpId(index)] }),
        }
    }
    let mut steps: Vec<Step> = groups.iter().filter_map(|group| group.step(plan)).collect();
    for (index, op) in plan.ops.iter().enumerate().filter(|(_, op)| is_wait(op)) {
        if let Some(step) = steps.iter_mut().find(|step| waits(plan, step, op)) {
            step.ops.push(OpId(index));
            step.ops.sort_unstable();
        }
    }
    steps
}

/// Kinds of things that may share a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    Image,
    Network,
    Volume,
    Container,
}

struct Group<'a> {
    thing: Thing,
    subject: &'a str,
    ops: Vec<OpId>,
}

impl Group<'_> {
    fn step(&self, plan: &Plan) -> Option<Step> {
        let ops: Vec<&Op> = self.ops.iter().filter_map(|id| plan.op(*id)).collect();
        let kind = kind(&ops)?;
        let first = ops.iter().find(|op| !is_silent(&op.cause)).or(ops.first())?;
        Some(Step {
            kind,
            subject: self.subject.to_owned(),
            service: first.service.clone(),
            cause: first.cause.clone(),
            ops: self.ops.clone(),
        })
    }
}

/// A cause that says only that another op's cause is meant.
fn is_silent(cause: &Cause) -> bool {
    *cause == Cause::Replacement
}

fn is_wait(op: &Op) -> bool {
    matches!(op.kind, OpKind::Wait { .. })
}

fn waits(plan: &Plan, step: &Step, wait: &Op) -> bool {
    let begins = |id: &OpId| {
        plan.op(*id).is_some_and(|op| {
            matches!(
                op.kind,
                OpKind::StartContainer { .. }
                    | OpKind::RestartContainer { .. }
                    | OpKind::UnpauseContainer { .. }
            )
        })
    };
    step.service == wait.service && step.ops.iter().any(begins)
}

fn thing(kind: &OpKind) -> Thing {
    match kind {
        OpKind::PullImage { .. } | OpKind::BuildImage { .. } | OpKind::RemoveImage { .. } => Thing::Image,
        OpKind::CreateNetwork { .. } | OpKind::RemoveNetwork { .. } => Thing::Network,
        OpKind::CreateVolume { .. } | OpKind::RemoveVolume { .. } => Thing::Volume,
        _ => Thing::Container,
    }
}

/// Rules by what the ops of a step hold, the first that fits: `(all of these, kind)`.
fn kind(ops: &[&Op]) -> Option<StepKind> {
    const RULES: &[(&[&str], StepKind)] = &[
        (&["pull"], StepKind::Pull),
        (&["build"], StepKind::Build),
        (&["remove network", "create network"], StepKind::RecreateNetwork),
        (&["create network"], StepKind::CreateNetwork),
        (&["remove network"], StepKind::RemoveNetwork),
        (&["remove volume", "create volume"], StepKind::RecreateVolume),
        (&["create volume"], StepKind::CreateVolume),
        (&["remove volume"], StepKind::RemoveVolume),
        (&["remove image"], StepKind::RemoveImage),
        (&["create", "remove"], StepKind::Recreate),
        (&["create"], StepKind::Create),
        (&["remove"], StepKind::Remove),
        (&["stop", "start"], StepKind::Restart),
        (&["restart"], StepKind::Restart),
        (&["start"], StepKind::Start),
        (&["stop"], StepKind::Stop),
        (&["pause"], StepKind::Pause),
        (&["unpause"], StepKind::Unpause),
        (&["kill"], StepKind::Kill),
    ];
    let holds = |name: &&str| ops.iter().any(|op| op.kind.name() == *name);
    RULES.iter().find(|(names, _)| names.iter().all(holds)).map(|(_, kind)| *kind)
}
