//! Commands run beside a container's program (`docker exec`): their input, their output, their end.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::super::answer::Refusal;
use super::super::clock::Moment;
use super::super::program::Ending;
use super::super::program::shell::Machine;
use super::World;
use super::container::{Phase, texts};
use super::log::Source;

/// How long what has ended is still told of.
const REMEMBERED: Duration = Duration::from_mins(5);
/// The code of what the end of its container has ended.
const KILLED: i64 = 137;

/// A command.
pub(in super::super) struct Exec {
    pub(in super::super) container: String,
    pub(in super::super) argv: Vec<String>,
    pub(in super::super) has_terminal: bool,
    takes_input: bool,
    /// Its output and its errors.
    gives: [bool; 2],
    environment: Vec<String>,
    machine: Option<Machine>,
    exit_code: Option<i64>,
    ended: Option<Moment>,
    pid: u32,
    /// What it has printed and nobody has taken.
    output: VecDeque<(Source, Bytes)>,
    /// Told with every change.
    changes: watch::Sender<u64>,
}

impl Exec {
    /// When it next acts.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.machine.as_ref().and_then(Machine::next)
    }

    /// `GET /exec/{id}/json`
    pub(in super::super) fn json(&self, id: &str) -> Value {
        let (program, arguments) =
            self.argv.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        json!({
            "ID": id, "Running": self.machine.is_some(), "ExitCode": self.exit_code,
            "ProcessConfig": { "tty": self.has_terminal, "entrypoint": program, "arguments": arguments,
                "privileged": false },
            "OpenStdin": self.takes_input, "OpenStderr": self.gives[1], "OpenStdout": self.gives[0],
            "CanRemove": false,
            "ContainerID": self.container, "DetachKeys": "", "Pid": self.pid,
        })
    }
}

impl World {
    /// Makes an exec from the body of `POST /containers/{id}/exec`, and gives its id.
    pub(in super::super) fn create_exec(
        &mut self,
        container: &str,
        shown: &str,
        body: &Value,
    ) -> Result<String, Refusal> {
        let argv = texts(&body["Cmd"]);
        if argv.is_empty() {
            return Err(Refusal::bad("No exec command specified"));
        }
        self.check_exec(container, shown)?;
        let folder = body["WorkingDir"].as_str().filter(|folder| !folder.is_empty());
        let folder = folder.map(|folder| format!("PWD={folder}")).into_iter().collect::<Vec<_>>();
        let exec = Exec {
            container: container.to_owned(),
            has_terminal: body["Tty"].as_bool().unwrap_or(false),
            takes_input: body["AttachStdin"].as_bool().unwrap_or(false),
            gives: ["AttachStdout", "AttachStderr"].map(|key| body[key].as_bool().unwrap_or(false)),
            environment: [texts(&body["Env"]), folder].concat(),
            machine: None,
            exit_code: None,
            ended: None,
            pid: 0,
            output: VecDeque::new(),
            changes: watch::Sender::new(0),
            argv,
        };
        let now = self.now;
        let is_old = |exec: &Exec| exec.ended.is_some_and(|ended| now.since(ended) > REMEMBERED);
        self.execs.retain(|_, exec| !is_old(exec));
        let id = self.next_id();
        let command = exec.argv.join(" ");
        self.execs.insert(id.clone(), exec);
        self.tell(container, &format!("exec_create: {command}"), &[("execID", id.clone())]);
        Ok(id)
    }

    /// Starts an exec; what it does and prints follows.
    pub(in super::super) fn start_exec(&mut self, id: &str) -> Result<watch::Receiver<u64>, Refusal> {
        let exec = self.exec(id)?;
        if exec.machine.is_some() || exec.exit_code.is_some() {
            return Err(Refusal::conflict(format!("exec command {id} is already running")));
        }
        let (container, command) = (exec.container.clone(), exec.argv.join(" "));
        self.check_exec(&container, &container)?;
        let pid = 1000 + self.next_number() as u32;
        let now = self.now;
        let process = self.containers.get(&container).and_then(|container| container.life.process.as_ref());
        let Some(process) = process else { return Err(no_exec(id)) };
        let Some(exec) = self.execs.get(id) else { return Err(no_exec(id)) };
        let machine = process.beside(&exec.argv, &exec.environment, exec.has_terminal, now);
        self.tell(&container, &format!("exec_start: {command}"), &[("execID", id.to_owned())]);
        let exec = self.execs.get_mut(id).ok_or_else(|| no_exec(id))?;
        let mut machine = match machine {
            Ok(machine) => machine,
            Err(why) => {
                // It is told where its output would have been, and the command has ended.
                let text = format!("{}\r\n", not_run_beside(&why));
                exec.output.push_back((Source::Output, text.into()));
                let changes = exec.changes.subscribe();
                self.end_exec(id, super::lifecycle::code_of(&why));
                return Ok(changes);
            }
        };
        if exec.takes_input {
            machine.open_input();
        }
        (exec.machine, exec.pid) = (Some(machine), pid);
        let changes = exec.changes.subscribe();
        self.drive_exec(id, Machine::act);
        Ok(changes)
    }

    /// Sends an exec what is typed; none is the end of it.
    pub(in super::super) fn feed_exec(&mut self, id: &str, bytes: Option<&[u8]>) {
        self.drive_exec(id, |machine, now, print| match bytes {
            Some(bytes) => machine.feed(bytes, now, print),
            None => machine.close_input(now, print),
        });
    }

    /// What an exec has printed since this was last asked, and whether it has ended.
    pub(in super::super) fn take_exec_output(&mut self, id: &str) -> (Vec<(Source, Bytes)>, bool) {
        let Some(exec) = self.execs.get_mut(id) else { return (Vec::new(), true) };
        (exec.output.drain(..).collect(), exec.machine.is_none())
    }

    /// Gives a command's terminal a size.
    pub(in super::super) fn resize_exec(&mut self, id: &str, height: u16, width: u16) -> Result<(), Refusal> {
        let exec = self.execs.get_mut(id).ok_or_else(|| no_exec(id))?;
        let Some(machine) = &mut exec.machine else {
            return Err(Refusal::failed("timeout waiting for exec session ready"));
        };
        machine.resize(height, width);
        Ok(())
    }

    /// An exec by its id.
    pub(in super::super) fn exec(&self, id: &str) -> Result<&Exec, Refusal> {
        self.execs.get(id).ok_or_else(|| no_exec(id))
    }

    /// Lets an exec do what is due.
    pub(super) fn act_exec(&mut self, id: &str) {
        self.drive_exec(id, Machine::act);
    }

    /// The container has ended, and with it all that ran in it.
    pub(super) fn end_execs(&mut self, container: &str) {
        let running =
            self.execs.iter().filter(|(_, exec)| exec.container == container && exec.machine.is_some());
        for id in running.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.end_exec(&id, KILLED);
        }
        self.execs.retain(|_, exec| exec.container != container);
    }

    /// The ids of the commands that run in a container; null for none.
    pub(in super::super) fn running_execs(&self, container: &str) -> Value {
        let mut ids: Vec<&str> = self
            .execs
            .iter()
            .filter(|(_, exec)| exec.container == container && exec.machine.is_some())
            .map(|(id, _)| id.as_str())
            .collect();
        ids.sort_unstable();
        if ids.is_empty() { Value::Null } else { json!(ids) }
    }

    fn drive_exec(
        &mut self,
        id: &str,
        drive: impl FnOnce(&mut Machine, Moment, super::super::program::Print<'_>) -> Option<Ending>,
    ) {
        let now = self.now;
        let Some(exec) = self.execs.get_mut(id) else { return };
        let due = exec.next_due();
        let (machine, output) = (&mut exec.machine, &mut exec.output);
        let ending = machine.as_mut().and_then(|machine| {
            drive(machine, now, &mut |_, source, bytes| {
                output.push_back((source, Bytes::copy_from_slice(bytes)));
            })
        });
        exec.changes.send_modify(|changes| *changes += 1);
        if let Some(due) = due {
            self.agenda.remove(&(due, id.to_owned()));
        }
        if let Some(ending) = ending {
            self.end_exec(id, ending.code);
        }
        self.plan(id);
    }

    fn end_exec(&mut self, id: &str, code: i64) {
        let now = self.now;
        let Some(exec) = self.execs.get_mut(id) else { return };
        let machine = exec.machine.take();
        (exec.exit_code, exec.ended) = (Some(code), Some(now));
        exec.changes.send_modify(|changes| *changes += 1);
        let container = exec.container.clone();
        if let Some(machine) = machine {
            // What it wrote into files stays in the container.
            self.keep_files(&container, machine.files());
        }
        self.tell(&container, "exec_die", &[("execID", id.to_owned()), ("exitCode", code.to_string())]);
    }

    fn check_exec(&self, container: &str, shown: &str) -> Result<(), Refusal> {
        let found = self.find(container)?;
        let id = &found.id;
        match found.phase() {
            Phase::Running => Ok(()),
            Phase::Paused => {
                let why = "is paused, unpause the container before exec";
                Err(Refusal::conflict(format!("Container {shown} {why}")))
            }
            Phase::Restarting => {
                let why = "is restarting, wait until the container is running";
                Err(Refusal::conflict(format!("Container {id} {why}")))
            }
            Phase::Created | Phase::Exited => {
                Err(Refusal::conflict(format!("container {id} is not running")))
            }
        }
    }
}

/// What a real engine says of a command that could not be run in a container.
pub(in super::super) fn not_run_beside(why: &str) -> String {
    format!("OCI runtime exec failed: exec failed: unable to start container process: {why}")
}

fn no_exec(id: &str) -> Refusal {
    Refusal::missing(format!("No such exec instance: {id}"))
}
