//! What the cases of plans are made of: projects from text, an engine made by carrying a plan out on plain data, requests.

pub mod engine;
pub mod project;
pub mod request;

use dockside::plan::{self, OpId, Plan};

/// The steps of a plan, a line each.
pub fn steps(plan: &Plan) -> String {
    let line = |step: &plan::Step| {
        let ops: Vec<String> = step.ops.iter().map(OpId::to_string).collect();
        let cause = step.cause.to_string();
        let cause = if cause.is_empty() { cause } else { format!(": {cause}") };
        format!("{} {}{cause}  by {}\n", step.kind.name(), step.subject, ops.join(" "))
    };
    plan::steps(plan).iter().map(line).collect()
}
