//! Running a command in a container and awaiting its end (`post_start`, `pre_stop`).

use serde_json::{Value, json};

use super::super::call::{Call, encode};
use super::super::{Engine, Error};
use super::{Step, Trouble, failure};
use crate::observed::ContainerId;
use crate::plan::Detail;

/// How much of its output is kept for the error: the end.
const OUTPUT_KEPT: usize = 4096;

/// Runs the command that `body` (`POST /containers/{id}/exec`) describes; a code other than 0 is a failure.
pub(super) async fn run(step: Step<'_>, id: &ContainerId, body: &Value) -> Result<(), Trouble> {
    let what = failure::what(step.op);
    let mut body = body.clone();
    body["AttachStdout"] = Value::Bool(true);
    body["AttachStderr"] = Value::Bool(true);
    // With a terminal the output has no frames to cut, and nobody needs its two streams apart.
    body["Tty"] = Value::Bool(true);
    let exec = create(step.engine, id, &body, &what).await?;
    let start = Call::post(format!("/exec/{}/start", encode(&exec)), what.clone());
    let mut chunks = step.engine.stream(start.json(&json!({ "Detach": false, "Tty": true }))).await?;
    let mut output = Vec::new();
    while let Some(bytes) = chunks.next().await? {
        step.detail(Detail::Output(String::from_utf8_lossy(&bytes).into_owned()));
        output.extend_from_slice(&bytes);
        output.drain(..output.len().saturating_sub(OUTPUT_KEPT));
    }
    let state = step.engine.json(Call::get(format!("/exec/{}/json", encode(&exec)), what)).await?;
    match state["ExitCode"].as_i64() {
        Some(0) => Ok(()),
        code => Err(Trouble::Failure(failed(step, &body, code, &String::from_utf8_lossy(&output)))),
    }
}

/// Creates an exec and returns its id.
pub(in super::super) async fn create(
    engine: &Engine,
    container: &ContainerId,
    body: &Value,
    what: &str,
) -> Result<String, Error> {
    let call = Call::post(format!("/containers/{}/exec", encode(&container.0)), what);
    let answer = engine.json(call.json(body)).await?;
    answer["Id"].as_str().map(str::to_owned).ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        endpoint: engine.endpoint().to_owned(),
        cause: "it names no exec".to_owned(),
    })
}

fn failed(step: Step<'_>, body: &Value, code: Option<i64>, output: &str) -> crate::plan::RunFailure {
    let words = body["Cmd"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let command = words.collect::<Vec<_>>().join(" ");
    let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
    let why = match failure::last_line(output) {
        line if line.is_empty() => format!("`{command}` ended {code}"),
        line => format!("`{command}` ended {code}: {line}"),
    };
    failure::because(step.op, why, None)
}
