//! Building an image with the classic builder: `POST /build`, the context as a tar archive.
//!
//! The plan has refused or told of what this builder cannot do.

use std::collections::VecDeque;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::json_stream::JsonStream;
use super::super::{Chunks, Error};
use super::context::{Archive, Dockerfile, Source, archive, in_memory};
use super::{Step, Trouble, failure};
use crate::plan::{Detail, RunFailure};

/// How many of the failing step's last lines go into the error.
const LINES_KEPT: usize = 12;

/// Builds `image` from the canonical `build` element.
pub(super) async fn build(
    step: Step<'_>,
    image: &str,
    build: &Value,
    context: &Path,
    labels: &[(String, String)],
) -> Result<(), Trouble> {
    step.progress("building".to_owned(), None);
    let call = options(Call::post("/build", format!("build {image}")).deadline(None), image, build, labels);
    let call = match step.engine.inner.logins.for_build().await? {
        Some(logins) => call.header("x-registry-config", logins),
        None => call,
    };
    let remote = build["context"].as_str().filter(|context| is_remote(context));
    if let Some(remote) = remote {
        let call = call.query("remote", remote).query_some("dockerfile", build["dockerfile"].as_str());
        return follow(step, step.engine.stream(call).await?).await;
    }
    if let Some(files) = &step.engine.inner.contexts
        && let Some(archive) = in_memory(files, context)
    {
        let call = call.query_some("dockerfile", build["dockerfile"].as_str()).tar(archive);
        return follow(step, step.engine.stream(call).await?).await;
    }
    let Archive { body, dockerfile, writer } = begin_archive(image, build, context).await?;
    let call = call.query("dockerfile", &dockerfile).tar_stream(body);
    let result = match step.engine.stream(call).await {
        Ok(chunks) => follow(step, chunks).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Err(Trouble::Error(error @ Error::Broken { .. })) => {
            Err(reason(error, writer.await.ok(), image).into())
        }
        other => other,
    }
}

/// If the archive broke the request off, its reason is the one to tell.
fn reason(error: Error, writer: Option<Result<(), String>>, image: &str) -> Error {
    match writer {
        Some(Err(cause)) => Error::Local { what: format!("build {image}"), cause },
        _ => error,
    }
}

async fn begin_archive(image: &str, build: &Value, context: &Path) -> Result<Archive, Error> {
    let dockerfile = match build["dockerfile_inline"].as_str() {
        Some(text) => Dockerfile::Inline(text.to_owned()),
        None => Dockerfile::At(build["dockerfile"].as_str().unwrap_or("Dockerfile").into()),
    };
    let source = Source { folder: context.to_owned(), dockerfile };
    let local = |cause: String| Error::Local { what: format!("build {image}"), cause };
    // Reading `.dockerignore` and resolving links touch the disk.
    match tokio::task::spawn_blocking(move || archive(source)).await {
        Ok(result) => result.map_err(local),
        Err(error) => Err(local(error.to_string())),
    }
}

/// Whether the engine fetches the context itself.
fn is_remote(context: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://", "github.com/"]
        .iter()
        .any(|prefix| context.starts_with(prefix))
}

/// The query of `POST /build`, besides the Dockerfile.
fn options(call: Call, image: &str, build: &Value, labels: &[(String, String)]) -> Call {
    let mut all_labels = build["labels"].as_object().cloned().unwrap_or_default();
    all_labels.extend(labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))));
    let mut call = call
        .query("t", image)
        .query("rm", "1")
        // Else a failed build leaves a container behind.
        .query("forcerm", "1")
        .query("labels", &Value::Object(all_labels).to_string())
        .query_some("target", build["target"].as_str())
        .query_some("networkmode", build["network"].as_str())
        .query_some("platform", build["platforms"][0].as_str())
        .query_some("shmsize", number_text(&build["shm_size"]).as_deref())
        .query_some("memory", number_text(&build["memory"]).as_deref());
    for tag in build["tags"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        call = call.query("t", tag);
    }
    for (element, parameter) in [("no_cache", "nocache"), ("pull", "pull")] {
        if build[element].as_bool() == Some(true) {
            call = call.query(parameter, "1");
        }
    }
    if let Some(arguments) = build["args"].as_object().filter(|arguments| !arguments.is_empty()) {
        call = call.query("buildargs", &texts(arguments).to_string());
    }
    if let Some(images) = build["cache_from"].as_array().filter(|images| !images.is_empty()) {
        call = call.query("cachefrom", &Value::from(images.clone()).to_string());
    }
    if let Some(limits) = build["ulimits"].as_object().filter(|limits| !limits.is_empty()) {
        call = call.query("ulimits", &limits.iter().map(ulimit).collect::<Value>().to_string());
    }
    for host in build["extra_hosts"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        // Canonical is `host=address`; the Engine API takes `host:address`.
        call = call.query("extrahosts", &host.replacen('=', ":", 1));
    }
    call
}

/// Numbers and booleans as text, as the Engine API wants arguments; null stays: it takes the engine's proxy settings.
fn texts(map: &Map<String, Value>) -> Value {
    let text = |value: &Value| match value {
        Value::Null | Value::String(_) => value.clone(),
        other => Value::from(other.to_string()),
    };
    map.iter().map(|(key, value)| (key.clone(), text(value))).collect()
}

/// `nofile: 1024` or `nofile: { soft, hard }`, as the engine reads it (a parameter that its API document leaves out).
fn ulimit((name, limit): (&String, &Value)) -> Value {
    let part = |key: &str| limit.get(key).unwrap_or(limit).clone();
    json!({ "Name": name, "Soft": part("soft"), "Hard": part("hard") })
}

fn number_text(value: &Value) -> Option<String> {
    value.as_u64().map(|number| number.to_string()).or_else(|| value.as_str().map(str::to_owned))
}

async fn follow(step: Step<'_>, mut chunks: Chunks) -> Result<(), Trouble> {
    let mut stream = JsonStream::default();
    let mut output = Output::default();
    let mut whole = Lines::default();
    while let Some(bytes) = chunks.next().await? {
        for message in stream.push(&bytes) {
            if let Some(error) = failure::in_stream(&message) {
                whole.rest().into_iter().for_each(|line| step.detail(Detail::Output(line)));
                return Err(Trouble::Failure(output.failure(step, &error)));
            }
            // What a base image's pull tells has an id.
            if let (Some(id), Some(status)) = (message["id"].as_str(), message["status"].as_str())
                && message["progress"].is_null()
            {
                step.detail(Detail::Output(format!("{id}: {status}")));
            }
            if let Some(text) = message["stream"].as_str() {
                for line in whole.take(text) {
                    step.detail(Detail::Output(line));
                }
                if let Some((text, fraction)) = output.take(text) {
                    step.progress(text, Some(fraction));
                }
            }
        }
    }
    whole.rest().into_iter().for_each(|line| step.detail(Detail::Output(line)));
    Ok(())
}

/// How much of a line without an end is kept back, in bytes.
const LONGEST: usize = 64 * 1024;

/// Text that comes in pieces, made lines again.
#[derive(Default)]
struct Lines {
    open: String,
}

impl Lines {
    /// The lines that are whole now, without their ends. One that has no end for long comes in parts.
    fn take(&mut self, text: &str) -> Vec<String> {
        let Some(end) = text.rfind('\n') else {
            self.open.push_str(text);
            return if self.open.len() < LONGEST { Vec::new() } else { self.rest() };
        };
        let (whole, rest) = text.split_at(end + 1);
        self.open.push_str(whole);
        let whole = std::mem::replace(&mut self.open, rest.to_owned());
        whole.lines().map(str::to_owned).collect()
    }

    /// What has not ended; nothing where that is empty.
    fn rest(&mut self) -> Vec<String> {
        let open = std::mem::take(&mut self.open);
        if open.is_empty() { Vec::new() } else { vec![open] }
    }
}

/// What the builder has printed of the step that it is at.
#[derive(Default)]
struct Output {
    /// `3/7 : RUN make`, as the builder prints it.
    step: String,
    lines: VecDeque<String>,
    /// A line that has not ended.
    open: String,
}

impl Output {
    /// Takes text of the builder; the progress if a new step begins.
    fn take(&mut self, text: &str) -> Option<(String, f32)> {
        let mut progress = None;
        for piece in text.split_inclusive('\n') {
            self.open.push_str(piece);
            if piece.ends_with('\n') || self.open.len() >= LONGEST {
                progress = self.end_line().or(progress);
            }
        }
        progress
    }

    fn end_line(&mut self) -> Option<(String, f32)> {
        let line = failure::plain_text(&std::mem::take(&mut self.open));
        if let Some((step, number, count)) = parse_step(&line) {
            step.clone_into(&mut self.step);
            self.lines.clear();
            let fraction = (number.saturating_sub(1)) as f32 / count.max(1) as f32;
            return Some((format!("building {number}/{count}"), fraction));
        }
        // `---> Running in 0123`, `Removing intermediate container`: the builder's own words.
        if !line.is_empty()
            && !line.starts_with("---> ")
            && !line.starts_with("Removing intermediate container")
        {
            self.lines.push_back(line);
            if self.lines.len() > LINES_KEPT {
                self.lines.pop_front();
            }
        }
        None
    }

    fn failure(mut self, step: Step<'_>, error: &str) -> RunFailure {
        self.end_line();
        let mut why = if self.step.is_empty() {
            error.to_owned()
        } else {
            format!("step {}: {error}", self.step.replacen(" : ", " ", 1))
        };
        for line in self.lines {
            why.push('\n');
            why.push_str(&line);
        }
        let hint = failure::hint(error);
        failure::because(step.op, why, hint.as_deref())
    }
}

/// `Step 3/7 : RUN make` → (`3/7 : RUN make`, 3, 7).
fn parse_step(line: &str) -> Option<(&str, u32, u32)> {
    let step = line.strip_prefix("Step ")?;
    let (numbers, _) = step.split_once(" : ")?;
    let (number, count) = numbers.split_once('/')?;
    Some((step, number.parse().ok()?, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_the_last_lines() {
        let mut output = Output::default();
        assert_eq!(output.take("Step 1/4 : FROM x\n"), Some(("building 1/4".to_owned(), 0.0)));
        assert_eq!(output.take(" ---> 0123\n"), None);
        assert_eq!(output.take("Step 3/4 :"), None);
        assert_eq!(
            output.take(" RUN make\nfirst\nsecond \x1b[31mred"),
            Some(("building 3/4".to_owned(), 0.5))
        );
        assert_eq!(output.step, "3/4 : RUN make");
        assert_eq!(output.take(" end\n"), None);
        assert_eq!(output.lines, ["first", "second [31mred end"]);
    }

    #[test]
    fn what_the_builder_prints_comes_in_lines() {
        let mut lines = Lines::default();
        assert_eq!(lines.take("Step 1/2 :"), Vec::<String>::new());
        assert_eq!(lines.take(" RUN make\n ---> Running\nha"), ["Step 1/2 : RUN make", " ---> Running"]);
        assert_eq!(lines.take("lf\n"), ["half"]);
    }

    #[test]
    fn the_query_holds_what_the_file_asks_for() {
        let build = serde_json::json!({
            "args": { "A": "1", "B": 2, "C": null }, "labels": { "x": "y" }, "target": "run", "tags": ["other:1"],
            "extra_hosts": ["h=10.0.0.1"], "no_cache": true, "shm_size": "64000000",
            "ulimits": { "nofile": 64, "nproc": { "soft": 1, "hard": 2 } },
        });
        let labels = [("com.docker.compose.project".to_owned(), "shop".to_owned())];
        let call = options(Call::post("/build", "build"), "shop-web", &build, &labels);
        let query: Vec<_> = call.path.split(['?', '&']).skip(1).map(ToOwned::to_owned).collect();
        assert_eq!(
            query.join("\n"),
            "t=shop-web\nrm=1\nforcerm=1\n\
             labels=%7B%22x%22%3A%22y%22%2C%22com.docker.compose.project%22%3A%22shop%22%7D\n\
             target=run\nshmsize=64000000\nt=other%3A1\nnocache=1\n\
             buildargs=%7B%22A%22%3A%221%22%2C%22B%22%3A%222%22%2C%22C%22%3Anull%7D\n\
             ulimits=%5B%7B%22Name%22%3A%22nofile%22%2C%22Soft%22%3A64%2C%22Hard%22%3A64%7D%2C\
             %7B%22Name%22%3A%22nproc%22%2C%22Soft%22%3A1%2C%22Hard%22%3A2%7D%5D\nextrahosts=h%3A10.0.0.1"
        );
    }
}
