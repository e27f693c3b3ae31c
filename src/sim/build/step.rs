//! The steps of a build: what each instruction makes of the image before it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::program::shell::Machine;
use super::super::program::{Ending, Setting};
use super::super::random;
use super::super::world::World;
use super::super::world::log::Source;
use super::super::world::resource::Image;
use super::dockerfile::{Instruction, substituted};
use super::{Build, Trouble, Work, copy};

/// What can be run in a shell or without one.
const COMMANDS: &[&str] = &["CMD", "ENTRYPOINT"];

impl Instruction {
    /// The step that adds labels to what the file says.
    pub(super) fn labels(labels: &BTreeMap<String, String>) -> Self {
        let plain = |text: &str| text.chars().all(|one| one.is_ascii_alphanumeric() || "._-/".contains(one));
        let quoted = |text: &str| if plain(text) { text.to_owned() } else { Value::from(text).to_string() };
        let pairs: Vec<String> =
            labels.iter().map(|(name, value)| format!("{}={}", quoted(name), quoted(value))).collect();
        let rest = pairs.join(" ");
        Self { name: "LABEL".to_owned(), flags: Vec::new(), shown: format!("LABEL {rest}"), rest }
    }
}

impl Build {
    /// Takes one step: from the cache if it was taken before.
    pub(super) async fn take(&mut self, work: &mut Work, instruction: &Instruction) -> Result<(), Trouble> {
        if instruction.name == "ARG" {
            let declared = self.declared(instruction);
            work.arguments.extend(declared);
        }
        if instruction.name == "SHELL" {
            work.shell = instruction.list();
        }
        let files = match instruction.name.as_str() {
            "ADD" | "COPY" => Some(self.copied(work, instruction)?),
            _ => None,
        };
        let key = key(work, instruction, files.as_ref());
        let known = self.sim.with(|world| world.layers.get(&key).cloned());
        if let Some(known) = known.filter(|_| !self.options.is_fresh) {
            self.say(" ---> Using cache\n")?;
            work.image = known;
            return Ok(());
        }
        let mut image = work.image.clone();
        if let Some(files) = files {
            image.files = files;
        } else {
            self.in_container(work, instruction, &mut image).await?;
        }
        image.names.clear();
        work.image = self.sim.with(|world| world.commit(image, key));
        Ok(())
    }

    /// Takes a step that the builder makes a container for.
    async fn in_container(
        &self,
        work: &Work,
        instruction: &Instruction,
        image: &mut Image,
    ) -> Result<(), Trouble> {
        let container = self.sim.with(World::next_id);
        let container = container.get(..12).unwrap_or_default();
        self.say(&format!(" ---> Running in {container}\n"))?;
        let mut result = Ok(());
        if instruction.name == "RUN" {
            result = self.run_command(work, instruction, image).await;
        } else {
            configure(&mut image.config, work, instruction);
        }
        self.say(&format!(" ---> Removed intermediate container {container}\n"))?;
        result
    }

    /// Runs a command to its end, and tells what it prints as it comes.
    async fn run_command(
        &self,
        work: &Work,
        instruction: &Instruction,
        image: &mut Image,
    ) -> Result<(), Trouble> {
        let argv = command(work, instruction);
        let mut environment = environment(&image.config);
        environment.extend(work.arguments.iter().map(|(name, value)| format!("{name}={value}")));
        let now = self.sim.clock().now();
        let setting = Setting {
            argv: argv.clone(),
            environment,
            hostname: "build".to_owned(),
            has_terminal: false,
            has_init: false,
            memory_limit: None,
            files: image.files.clone(),
            program: None,
            started: now,
            lives: 0,
            seed: random::hash(&instruction.shown),
        };
        let mut machine = Machine::start(setting)
            .map_err(|why| Trouble::Failed(super::super::world::lifecycle::not_run(&why), None))?;
        let ending = self.follow(&mut machine).await?;
        image.files = machine.files().clone();
        if ending.code == 0 {
            return Ok(());
        }
        let (words, code) = (argv.join(" "), ending.code);
        let message = format!("The command '{words}' returned a non-zero code: {code}");
        Err(Trouble::Failed(message, Some(code)))
    }

    async fn follow(&self, machine: &mut Machine) -> Result<Ending, Trouble> {
        loop {
            let mut told = Vec::new();
            let now = self.sim.clock().now();
            let ending = machine.act(now, &mut |_, source, bytes| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                told.push(match source {
                    Source::Output => text,
                    Source::Error => format!("\u{1b}[91m{text}\u{1b}[0m"),
                });
            });
            told.iter().try_for_each(|text| self.say(text))?;
            match (ending, machine.next()) {
                (Some(ending), _) => return Ok(ending),
                (None, Some(next)) => self.sim.clock().sleep_until(next).await,
                // It waits for what never comes; so would a real one, for as long as somebody listens.
                (None, None) => {
                    self.told.closed().await;
                    return Err(Trouble::Gone);
                }
            }
        }
    }

    /// The image's files with what a `COPY` or `ADD` lays over them.
    fn copied(
        &self,
        work: &Work,
        instruction: &Instruction,
    ) -> Result<super::super::program::Files, Trouble> {
        let from = instruction.flag("from");
        let stage = from.map(|from| match self.of_stage(from) {
            Some(image) => Ok(image.clone()),
            None => self.sim.with(|world| world.image(from).cloned()),
        });
        let stage = stage.transpose()?;
        let variables = variables(work);
        let mut words: Vec<String> =
            instruction.list().iter().map(|word| substituted(word, &variables)).collect();
        let Some(target) = words.pop().filter(|_| !words.is_empty()) else {
            let name = &instruction.name;
            return Err(Trouble::Failed(
                format!("{name} requires at least two arguments, but only one was provided"),
                None,
            ));
        };
        let target = absolute(&work.image.config, &target);
        let sources = stage.as_ref().map_or(&self.context, |image| &image.files);
        copy::over(&work.image.files, sources, &words, &target).map_err(|missing| {
            let why = match from {
                Some(_) => format!("{} failed: stat {missing}: file does not exist", instruction.name),
                None => format!(
                    "{} failed: file not found in build context or excluded by .dockerignore: stat {missing}: file does not exist",
                    instruction.name
                ),
            };
            Trouble::Failed(why, None)
        })
    }
}

/// What makes a step the same as one taken before: the image before it, the instruction, its arguments, and its files.
fn key(work: &Work, instruction: &Instruction, files: Option<&super::super::program::Files>) -> String {
    let mut content = 0;
    for (name, bytes) in files.into_iter().flatten() {
        content = random::mix(content, random::hash(name) ^ random::hash(&String::from_utf8_lossy(bytes)));
    }
    format!("{}\n{}\n{:?}\n{content:x}", work.image.id, instruction.shown, work.arguments)
}

/// Sets what an instruction says of the containers to come.
fn configure(config: &mut Map<String, Value>, work: &Work, instruction: &Instruction) {
    let variables = variables(work);
    let said = |text: &str| substituted(text, &variables);
    match instruction.name.as_str() {
        "ENV" => {
            let mut environment = environment(config);
            for (name, value) in instruction.pairs() {
                let entry = format!("{name}={}", said(&value));
                match environment.iter().position(|known| known.split('=').next() == Some(&name)) {
                    Some(at) => environment[at] = entry,
                    None => environment.push(entry),
                }
            }
            config.insert("Env".to_owned(), json!(environment));
        }
        "LABEL" => {
            let pairs = instruction.pairs().into_iter();
            extend(config, "Labels", pairs.map(|(name, value)| (said(&name), json!(said(&value)))));
        }
        "EXPOSE" => {
            let ports = instruction.list().into_iter().map(|port| said(&port));
            let ports = ports.map(|port| if port.contains('/') { port } else { format!("{port}/tcp") });
            extend(config, "ExposedPorts", ports.map(|port| (port, json!({}))));
        }
        "VOLUME" => {
            let volumes = instruction.list().into_iter();
            extend(config, "Volumes", volumes.map(|volume| (said(&volume), json!({}))));
        }
        "WORKDIR" => {
            let folder = absolute(config, &said(&instruction.rest));
            config.insert("WorkingDir".to_owned(), json!(folder));
        }
        "USER" => {
            config.insert("User".to_owned(), json!(said(&instruction.rest)));
        }
        "STOPSIGNAL" => {
            config.insert("StopSignal".to_owned(), json!(said(&instruction.rest)));
        }
        "SHELL" => {
            config.insert("Shell".to_owned(), json!(work.shell));
        }
        "HEALTHCHECK" => {
            config.insert("Healthcheck".to_owned(), health(instruction));
        }
        name if COMMANDS.contains(&name) => {
            let key = if name == "CMD" { "Cmd" } else { "Entrypoint" };
            if name == "ENTRYPOINT" {
                config.insert("Cmd".to_owned(), Value::Null);
            }
            config.insert(key.to_owned(), json!(command(work, instruction)));
        }
        // What is left (`ARG`, `ONBUILD`, `MAINTAINER`) changes nothing in a container.
        _ => {}
    }
}

/// `HEALTHCHECK --interval=1s CMD true`, as `Config.Healthcheck`.
fn health(instruction: &Instruction) -> Value {
    let probe = Instruction {
        rest: instruction.rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim()).to_owned(),
        ..instruction.clone()
    };
    if instruction.rest.eq_ignore_ascii_case("none") {
        return json!({ "Test": ["NONE"] });
    }
    let mut test = vec!["CMD-SHELL".to_owned(), probe.rest.clone()];
    if let Some(words) = probe.array() {
        test = [vec!["CMD".to_owned()], words].concat();
    }
    let mut check = json!({ "Test": test });
    let spans = [
        ("interval", "Interval"),
        ("timeout", "Timeout"),
        ("start-period", "StartPeriod"),
        ("start-interval", "StartInterval"),
    ];
    for (flag, key) in spans {
        if let Some(span) = instruction.flag(flag).and_then(nanoseconds) {
            check[key] = json!(span);
        }
    }
    if let Some(retries) = instruction.flag("retries").and_then(|text| text.parse::<u64>().ok()) {
        check["Retries"] = json!(retries);
    }
    check
}

/// `1m30s`, `500ms` in nanoseconds.
fn nanoseconds(text: &str) -> Option<u64> {
    let (mut sum, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let digits = rest.find(|one: char| !one.is_ascii_digit() && one != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|one: char| one.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let scale = match unit {
            "ns" => 1.0,
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * scale;
        rest = after;
    }
    Some(sum as u64)
}

/// The words that a `RUN`, `CMD` or `ENTRYPOINT` runs.
fn command(work: &Work, instruction: &Instruction) -> Vec<String> {
    match instruction.array() {
        Some(words) => words,
        None if instruction.rest.is_empty() => Vec::new(),
        None => [work.shell.clone(), vec![instruction.rest.clone()]].concat(),
    }
}

/// What `$NAME` may stand for: the stage's arguments, and the environment, which comes before them.
fn variables(work: &Work) -> BTreeMap<String, String> {
    let mut variables = work.arguments.clone();
    for entry in environment(&work.image.config) {
        if let Some((name, value)) = entry.split_once('=') {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    variables
}

fn environment(config: &Map<String, Value>) -> Vec<String> {
    super::super::world::container::texts(config.get("Env").unwrap_or(&Value::Null))
}

fn extend(config: &mut Map<String, Value>, key: &str, entries: impl Iterator<Item = (String, Value)>) {
    let mut map = config.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    map.extend(entries);
    config.insert(key.to_owned(), Value::Object(map));
}

/// A path from the root, that of the working folder before one that is not. A slash at its end stays.
fn absolute(config: &Map<String, Value>, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let folder = config.get("WorkingDir").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    let path = path.trim_start_matches("./");
    if path == "." { format!("{folder}/") } else { format!("{folder}/{path}") }
}
