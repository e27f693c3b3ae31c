//! Building images as the classic builder does: a Dockerfile step by step over a context, each step told as it goes, each
//! result kept for the next build that takes the same step.
//!
//! What a `RUN` runs is the small shell of `program`; nothing of this machine is started or read.

mod copy;
mod dockerfile;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Sim;
use super::answer::Refusal;
use super::program::{Files, Program};
use super::query::Query;
use super::world::resource::{Image, with_tag};
use dockerfile::{Dockerfile, Instruction, Stage, substituted};

/// What says what the image's containers do; see `program::data`.
const PROGRAM: &str = "/simulation.toml";
/// How long a step takes at least: nobody sees what takes no time.
const STEP: Duration = Duration::from_millis(20);

/// What a build was asked for besides its files.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    names: Vec<String>,
    labels: BTreeMap<String, String>,
    arguments: BTreeMap<String, String>,
    is_fresh: bool,
    target: Option<String>,
}

/// Why a build ends before its end.
enum Trouble {
    /// A step failed: the message, and the code of a command.
    Failed(String, Option<i64>),
    /// Nobody listens any more.
    Gone,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.message, None)
    }
}

/// A build under way.
struct Build {
    sim: Sim,
    context: Files,
    options: Options,
    stages: Vec<(String, Image)>,
    told: mpsc::UnboundedSender<Bytes>,
    count: usize,
    at: usize,
    unused: BTreeSet<String>,
    /// Arguments from before the first `FROM`.
    global: BTreeMap<String, String>,
}

/// A stage under way.
#[derive(Clone, Debug, Default)]
struct Work {
    image: Image,
    /// Arguments that the stage has declared, with their values.
    arguments: BTreeMap<String, String>,
    /// What `RUN` and the plain form of `CMD` are given to.
    shell: Vec<String>,
}

impl Options {
    /// Reads the query of `POST /build`.
    pub(super) fn of(query: &Query) -> Self {
        let map = |name: &str| query.get(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let texts = |value: Option<Value>| {
            let map = value.and_then(|value| value.as_object().cloned()).unwrap_or_default();
            map.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
        };
        Self {
            names: query.all("t").filter(|name| !name.is_empty()).map(with_tag).collect(),
            labels: texts(map("labels")),
            arguments: texts(map("buildargs")),
            is_fresh: query.flag("nocache"),
            target: query.get("target").map(str::to_ascii_lowercase),
        }
    }
}

/// Begins a build of the `dockerfile` in `context`, whose names begin with a slash. What it tells comes a JSON object a line.
pub(super) fn begin(
    sim: &Sim,
    context: Files,
    dockerfile: &str,
    options: Options,
) -> Result<mpsc::UnboundedReceiver<Bytes>, Refusal> {
    let path = format!("/{}", dockerfile.trim_start_matches("./").trim_start_matches('/'));
    let text = context.get(&path).ok_or_else(|| {
        Refusal::failed(format!("Cannot locate specified Dockerfile: {}", path.trim_start_matches('/')))
    })?;
    let mut file = dockerfile::parse(&String::from_utf8_lossy(text))?;
    cut(&mut file, &options)?;
    let (told, receiver) = mpsc::unbounded_channel();
    let count = file.stages.iter().map(|stage| stage.instructions.len()).sum();
    let unused = options.arguments.keys().cloned().collect();
    let sim = sim.clone();
    let global = BTreeMap::new();
    let build = Build { sim, context, options, stages: Vec::new(), told, count, at: 0, unused, global };
    tokio::spawn(build.run(file));
    Ok(receiver)
}

/// Leaves out what comes after the stage that is asked for, and adds the labels that are asked for to the last.
fn cut(file: &mut Dockerfile, options: &Options) -> Result<(), Refusal> {
    if let Some(target) = &options.target {
        let named = file.stages.iter().position(|stage| stage.name == *target);
        let found = named.or_else(|| target.parse().ok().filter(|index| *index < file.stages.len()));
        let message = || Refusal::bad(format!("target stage \"{target}\" could not be found"));
        file.stages.truncate(found.ok_or_else(message)? + 1);
    }
    if let Some(last) = file.stages.last_mut()
        && !options.labels.is_empty()
    {
        last.instructions.push(Instruction::labels(&options.labels));
    }
    Ok(())
}

impl Build {
    async fn run(mut self, file: Dockerfile) {
        match self.all(file).await {
            Ok(()) | Err(Trouble::Gone) => {}
            Err(Trouble::Failed(message, code)) => {
                let mut detail = json!({ "message": message });
                if let Some(code) = code {
                    detail = json!({ "code": code, "message": message });
                }
                let _ = self.tell(&json!({ "errorDetail": detail, "error": message }));
            }
        }
    }

    async fn all(&mut self, file: Dockerfile) -> Result<(), Trouble> {
        for argument in &file.arguments {
            let declared = self.declared(argument);
            self.global.extend(declared);
        }
        for stage in file.stages {
            let image = self.stage(&stage).await?;
            self.tell(&json!({ "aux": { "ID": image.id } }))?;
            self.stages.push((stage.name, image));
        }
        if !self.unused.is_empty() {
            let names: Vec<&str> = self.unused.iter().map(String::as_str).collect();
            let names = names.join(", ");
            self.say(&format!("[Warning] One or more build-args [{names}] were not consumed\n"))?;
        }
        let Some((_, mut image)) = self.stages.pop() else { return Ok(()) };
        image.program = self.program()?;
        self.say(&format!("Successfully built {}\n", image.short()))?;
        let names = self.options.names.clone();
        self.sim.with(|world| {
            let id = world.keep_image(image);
            for name in &names {
                world.tag(&id, name);
            }
        });
        for name in &self.options.names {
            self.say(&format!("Successfully tagged {name}\n"))?;
        }
        Ok(())
    }

    async fn stage(&mut self, stage: &Stage) -> Result<Image, Trouble> {
        let mut work = Work { shell: vec!["/bin/sh".to_owned(), "-c".to_owned()], ..Work::default() };
        for instruction in &stage.instructions {
            self.at += 1;
            self.say(&format!("Step {}/{} : {}", self.at, self.count, instruction.shown))?;
            self.say("\n")?;
            let until = self.sim.clock().now() + STEP;
            self.sim.clock().sleep_until(until).await;
            if instruction.name == "FROM" {
                work.image = self.base(&stage.base)?;
            } else {
                self.take(&mut work, instruction).await?;
            }
            if !work.image.id.is_empty() {
                self.say(&format!(" ---> {}\n", work.image.short()))?;
            }
        }
        Ok(work.image)
    }

    /// What the containers of the image do, where the context says so.
    fn program(&self) -> Result<Option<Arc<Program>>, Trouble> {
        let Some(text) = self.context.get(PROGRAM) else { return Ok(None) };
        let program = Program::parse(&String::from_utf8_lossy(text));
        program
            .map(|program| Some(Arc::new(program)))
            .map_err(|why| Trouble::Failed(format!("{PROGRAM}: {why}"), None))
    }

    /// The image or stage that a stage begins with.
    fn base(&self, name: &str) -> Result<Image, Trouble> {
        let name = substituted(name, &self.global);
        if name == "scratch" {
            return Ok(Image::default());
        }
        if let Some(image) = self.of_stage(&name) {
            return Ok(image.clone());
        }
        let found = self.sim.with(|world| world.image(&name).cloned());
        Ok(found.or_else(|_| super::api::pull::fetch(&self.sim, &with_tag(&name)))?)
    }

    /// A stage that is done, by its name or number.
    fn of_stage(&self, name: &str) -> Option<&Image> {
        let lower = name.to_ascii_lowercase();
        let named = self.stages.iter().find(|(known, _)| *known == lower && !lower.is_empty());
        let numbered = || self.stages.get(name.parse::<usize>().ok()?);
        named.or_else(numbered).map(|(_, image)| image)
    }

    /// What an `ARG` declares, with the value that was given for it.
    fn declared(&mut self, argument: &Instruction) -> Vec<(String, String)> {
        let mut declared = Vec::new();
        for word in argument.list() {
            let (name, default) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
            self.unused.remove(name);
            let given = self.options.arguments.get(name).cloned();
            let global = || self.global.get(name).cloned();
            let value = given.or_else(|| default.map(str::to_owned)).or_else(global);
            declared.extend(value.map(|value| (name.to_owned(), value)));
        }
        declared
    }

    fn say(&self, text: &str) -> Result<(), Trouble> {
        self.tell(&json!({ "stream": text }))
    }

    fn tell(&self, message: &Value) -> Result<(), Trouble> {
        self.told.send(Bytes::from(format!("{message}\r\n"))).map_err(|_| Trouble::Gone)
    }
}
