//! Creating networks and volumes. The bodies are the plan's, sent as they are.

use serde_json::Value;

use super::super::call::Call;
use super::{Step, Trouble};

/// `POST path` with `body`.
pub(super) async fn create(step: Step<'_>, path: &str, body: &Value) -> Result<(), Trouble> {
    let call = Call::post(path, super::failure::what(step.op)).json(body);
    Ok(step.engine.send(call).await?)
}
