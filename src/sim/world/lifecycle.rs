//! The life of containers: start, stop, kill, pause, the end of a program, and what restart policies make of it.
//!
//! The rules and messages are those of moby's `daemon/start.go`, `stop.go`, `kill.go`, `monitor.go` and `restartmanager`.

use std::time::Duration;

use super::super::answer::Refusal;
use super::super::clock::Moment;
use super::super::program::{Ending, Process, Setting};
use super::container::{Container, Phase, Stopping};
use super::health::{Health, Outcome};
use super::{World, signal};

/// The pause before the first restart; it doubles with each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Who has run for so long begins with the first pause again.
const STEADY: Duration = Duration::from_secs(10);
/// How long a stop waits before it kills, unless the container or the call says otherwise.
const GRACE: i64 = 10;
/// The exit code of what was killed.
const KILLED: i64 = 137;
const SIGKILL: i32 = 9;

/// Whether a call changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Effect {
    /// It did.
    Changed,
    /// It was so already.
    Nothing,
}

/// How a container is to be stopped.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Stop {
    /// Seconds until it is killed; never if negative.
    pub(in super::super) timeout: Option<i64>,
    /// In place of its own.
    pub(in super::super) signal: Option<String>,
    /// Whether it is started again.
    pub(in super::super) restarts: bool,
}

impl World {
    /// Starts a container.
    pub(in super::super) fn start(&mut self, id: &str) -> Result<Effect, Refusal> {
        let container = self.find(id)?;
        match container.phase() {
            Phase::Paused => {
                return Err(Refusal::conflict("cannot start a paused container, try unpause instead"));
            }
            Phase::Running | Phase::Restarting => return Ok(Effect::Nothing),
            Phase::Created | Phase::Exited => {}
        }
        self.change(id, |container| {
            container.life.stopped_by_hand = false;
            container.life.restarts = 0;
            container.life.pause = Duration::ZERO;
        });
        self.launch(id)?;
        Ok(Effect::Changed)
    }

    /// Brings up what a container needs, and its program.
    fn launch(&mut self, id: &str) -> Result<(), Refusal> {
        self.mount_all(id);
        let networked = self.attach_all(id).map_err(|Refusal { status, message }| {
            let joining = message.starts_with("joining ");
            let before = if joining { "" } else { "failed to set up container networking: " };
            Refusal { status, message: format!("{before}{message}") }
        });
        let ran = networked.is_ok();
        let launched = networked.and_then(|()| self.run(id));
        let Err(refusal) = launched else {
            self.tell(id, "start", &[]);
            return Ok(());
        };
        self.detach_all(id);
        self.unmount_all(id);
        let message = refusal.message.clone();
        self.change(id, |container| {
            let life = &mut container.life;
            life.error = message;
            // A network that fails leaves the code of the last end.
            if ran || life.exit_code == 0 {
                life.exit_code = code_of(&life.error);
            }
            life.phase = life.phase.filter(|phase| *phase == Phase::Exited);
            life.process = None;
            container.beat(|pulse| pulse.is_running = false);
        });
        Err(refusal)
    }

    fn run(&mut self, id: &str) -> Result<(), Refusal> {
        let now = self.now;
        let setting = self.setting(id)?;
        let pid = 1000 + self.next_number() as u32;
        let takes_input =
            self.find(id)?.config.get("OpenStdin").and_then(serde_json::Value::as_bool) == Some(true);
        let mut process = Process::start(setting).map_err(|why| Refusal::bad(not_run(&why)))?;
        if takes_input {
            process.open_input();
        }
        self.change(id, |container| {
            let check = container.config.get("Healthcheck").cloned().unwrap_or_default();
            let life = &mut container.life;
            life.process = Some(process);
            life.phase = Some(Phase::Running);
            (life.started, life.pid) = (Some(now), pid);
            (life.exit_code, life.oom_killed, life.restart_at) = (0, false, None);
            life.error.clear();
            life.health = Health::begin(&check, now);
            container.beat(|pulse| pulse.is_running = true);
        });
        Ok(())
    }

    fn setting(&self, id: &str) -> Result<Setting, Refusal> {
        let container = self.find(id)?;
        let program = self.images.get(&container.image).filter(|image| container.argv() == image.argv());
        Ok(Setting {
            argv: container.argv(),
            environment: [container.texts("Env"), vec![format!("PWD={}", container.folder())]].concat(),
            hostname: container.text("Hostname").to_owned(),
            has_terminal: container.has_terminal(),
            has_init: container.host.get("Init").and_then(serde_json::Value::as_bool).unwrap_or(false),
            memory_limit: container.memory_limit(),
            files: self.files(id),
            program: program.and_then(|image| image.program.clone()),
            started: self.now,
            lives: container.pulse.borrow().ends,
            seed: super::random::mix(self.seed, container.number),
        })
    }

    /// Stops a container: its signal now, and death when the time is up.
    pub(in super::super) fn stop(&mut self, id: &str, stop: &Stop) -> Result<Effect, Refusal> {
        let container = self.find(id)?;
        let own = container.config.get("StopTimeout").and_then(serde_json::Value::as_i64);
        let name = stop.signal.clone().unwrap_or_else(|| container.stop_signal().to_owned());
        let phase = container.phase();
        if !phase.is_running() {
            if stop.restarts {
                self.start(id)?;
                self.tell(id, "restart", &[]);
            }
            return Ok(Effect::Nothing);
        }
        let number = signal::number(&name).ok_or_else(|| Refusal::bad(format!("invalid signal: {name}")))?;
        if phase == Phase::Paused {
            self.wake_up(id);
        }
        let seconds = stop.timeout.or(own).unwrap_or(GRACE);
        let kill_at = u64::try_from(seconds).ok().map(|seconds| self.now + Duration::from_secs(seconds));
        let restarts = stop.restarts;
        self.change(id, |container| {
            container.life.stopped_by_hand = true;
            container.life.stopping = Some(Stopping { kill_at, restarts });
        });
        if phase == Phase::Restarting {
            self.end_waiting(id);
            return Ok(Effect::Changed);
        }
        self.signal(id, number);
        Ok(Effect::Changed)
    }

    /// Sends a signal.
    pub(in super::super) fn kill(&mut self, id: &str, name: &str) -> Result<(), Refusal> {
        let container = self.find(id)?;
        let number = signal::checked(name)?;
        let phase = container.phase();
        if !phase.is_running() {
            return Err(Refusal::conflict(format!("container {id} is not running")));
        }
        let own = container.text("StopSignal");
        let is_stop = own.is_empty() || number == SIGKILL || signal::number(own) == Some(number);
        if is_stop {
            self.change(id, |container| container.life.stopped_by_hand = true);
        }
        if phase == Phase::Restarting {
            if is_stop {
                self.end_waiting(id);
            }
            return Ok(());
        }
        if phase == Phase::Paused && is_stop {
            self.wake_up(id);
        }
        self.signal(id, number);
        Ok(())
    }

    /// The daemon ends: it kills what runs, and remembers what its restart policy wants back (moby's `daemon.Shutdown` and
    /// `daemon.restore`).
    pub(in super::super) fn shut_down(&mut self) {
        let running = self.containers.values().filter(|container| container.phase().is_running());
        for id in running.map(|container| container.id.clone()).collect::<Vec<_>>() {
            let policy = self.find(&id).map(|container| container.restart_policy().0.to_owned());
            if policy.is_ok_and(|policy| matches!(policy.as_str(), "always" | "unless-stopped")) {
                self.asleep.push(id.clone());
            }
            self.change(&id, |container| container.life.stopped_by_hand = true);
            match self.containers.get(&id).map(Container::phase) {
                Some(Phase::Restarting) => self.end_waiting(&id),
                _ => self.signal(&id, SIGKILL),
            }
        }
    }

    /// The daemon is there again, and starts what it remembered.
    pub(in super::super) fn come_back(&mut self) {
        for id in std::mem::take(&mut self.asleep) {
            // Why one could not be started stands in its state.
            let _ = self.start(&id);
        }
    }

    /// Stands a container still.
    pub(in super::super) fn pause(&mut self, id: &str) -> Result<(), Refusal> {
        let container = self.find(id)?;
        let id_said = &container.id;
        match container.phase() {
            Phase::Running => {}
            Phase::Paused => return Err(Refusal::conflict(format!("Container {id_said} is already paused"))),
            Phase::Restarting => {
                let why = "is restarting, wait until the container is running";
                return Err(Refusal::conflict(format!("Container {id_said} {why}")));
            }
            Phase::Created | Phase::Exited => {
                return Err(Refusal::conflict(format!("container {id_said} is not running")));
            }
        }
        let now = self.now;
        self.change(id, |container| {
            container.catch_up(now);
            container.life.phase = Some(Phase::Paused);
            container.life.paused = Some(now);
            container.beat(|_| {});
        });
        self.tell(id, "pause", &[]);
        Ok(())
    }

    /// Lets it go on.
    pub(in super::super) fn unpause(&mut self, id: &str) -> Result<(), Refusal> {
        let container = self.find(id)?;
        if container.phase() != Phase::Paused {
            return Err(Refusal::failed(format!("Container {} is not paused", container.id)));
        }
        self.wake_up(id);
        Ok(())
    }

    fn wake_up(&mut self, id: &str) {
        let now = self.now;
        self.change(id, |container| {
            let life = &mut container.life;
            let stood = life.paused.take().map_or(Duration::ZERO, |since| now.since(since));
            if let Some(process) = &mut life.process {
                process.shift(stood);
            }
            if let Some(health) = &mut life.health {
                health.shift(stood);
            }
            life.phase = Some(Phase::Running);
            container.beat(|_| {});
        });
        self.tell(id, "unpause", &[]);
    }

    /// What is due in a container now.
    pub(super) fn happen(&mut self, id: &str) {
        let now = self.now;
        let Some(container) = self.containers.get(id) else { return };
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        if is_due(container.life.stopping.and_then(|stopping| stopping.kill_at)) {
            if let Some(container) = self.containers.get_mut(id)
                && let Some(stopping) = &mut container.life.stopping
            {
                stopping.kill_at = None;
            }
            return self.signal(id, SIGKILL);
        }
        if is_due(container.life.restart_at) {
            return self.restart_by_itself(id);
        }
        if is_due(container.life.health.as_ref().and_then(Health::next)) {
            self.probe(id);
        }
        let Some(container) = self.containers.get_mut(id) else { return };
        let (process, log) = (&mut container.life.process, &mut container.log);
        let before = log.next();
        let ending = process
            .as_mut()
            .and_then(|process| process.act(now, &mut |at, source, bytes| log.print(at, source, bytes)));
        if log.next() != before {
            container.beat(|_| {});
        }
        if let Some(ending) = ending {
            self.end(id, ending);
        }
    }

    /// Sends a signal to a program that runs.
    fn signal(&mut self, id: &str, number: i32) {
        self.tell(id, "kill", &[("signal", number.to_string())]);
        let now = self.now;
        let ending = self.change(id, |container| {
            container.catch_up(now);
            if number == SIGKILL {
                return Some(Ending { code: KILLED, out_of_memory: false });
            }
            let (process, log) = (&mut container.life.process, &mut container.log);
            let ending = process.as_mut().and_then(|process| {
                process.signal(number, now, &mut |at, source, bytes| log.print(at, source, bytes))
            });
            container.beat(|_| {});
            ending
        });
        if let Some(ending) = ending.flatten() {
            self.end(id, ending);
        }
    }

    /// A program has ended.
    pub(super) fn end(&mut self, id: &str, ending: Ending) {
        let now = self.now;
        let files = self.files(id);
        self.keep_files(id, &files);
        self.end_execs(id);
        self.detach_all(id);
        self.unmount_all(id);
        let restarts = self.change(id, |container| {
            container.catch_up(now);
            container.log.finish(now);
            let ran = container.life.started.map_or(Duration::ZERO, |started| now.since(started));
            let stopping = container.life.stopping.take();
            let life = &mut container.life;
            (life.process, life.pid, life.paused) = (None, 0, None);
            (life.exit_code, life.oom_killed, life.finished) = (ending.code, ending.out_of_memory, Some(now));
            if let Some(health) = &mut life.health {
                health.end();
            }
            let again = container.should_restart();
            if again {
                container.wait_for_restart(now, ran);
            } else {
                container.life.phase = Some(Phase::Exited);
            }
            let last = container.log.next();
            container.beat(|pulse| {
                pulse.is_running = again;
                (pulse.ends, pulse.exit_code, pulse.last) = (pulse.ends + 1, ending.code, last);
            });
            (stopping, ran)
        });
        if ending.out_of_memory {
            self.tell(id, "oom", &[]);
        }
        let Some((stopping, ran)) = restarts else { return };
        let attributes = [("exitCode", ending.code.to_string()), ("execDuration", ran.as_secs().to_string())];
        self.tell(id, "die", &attributes);
        self.after_end(id, stopping);
    }

    fn after_end(&mut self, id: &str, stopping: Option<Stopping>) {
        if let Some(stopping) = stopping {
            self.tell(id, "stop", &[]);
            if stopping.restarts {
                self.change(id, |container| {
                    (container.life.stopped_by_hand, container.life.restarts) = (false, 0);
                });
                // Why it could not be started again stands in its state.
                if self.launch(id).is_ok() {
                    self.tell(id, "restart", &[]);
                }
                return;
            }
        }
        let goes = self
            .containers
            .get(id)
            .is_some_and(|container| container.is_removed_at_end() && container.phase() == Phase::Exited);
        if goes {
            self.destroy(id, true);
        }
    }

    /// It waits to be started again, and is stopped.
    fn end_waiting(&mut self, id: &str) {
        let stopping = self.change(id, |container| {
            let life = &mut container.life;
            (life.phase, life.restart_at) = (Some(Phase::Exited), None);
            let stopping = life.stopping.take();
            container.beat(|pulse| pulse.is_running = false);
            stopping
        });
        self.after_end(id, stopping.flatten());
    }

    fn restart_by_itself(&mut self, id: &str) {
        self.change(id, |container| {
            container.life.restart_at = None;
            container.life.restarts += 1;
        });
        if self.launch(id).is_err() {
            self.change(id, |container| {
                container.life.phase = Some(Phase::Exited);
            });
        }
    }

    fn probe(&mut self, id: &str) {
        let now = self.now;
        let probed = self.change(id, |container| {
            let health = container.life.health.as_mut()?;
            let argv = health.argv();
            let process = container.life.process.as_mut();
            let outcome = process.map_or_else(Outcome::default, |process| process.probe(&argv, now));
            let code = outcome.code;
            let news = health.take(now, outcome);
            container.beat(|_| {});
            Some((argv.join(" "), code, news))
        });
        let Some((command, code, news)) = probed.flatten() else { return };
        let exec = self.next_id();
        self.tell(id, &format!("exec_create: {command}"), &[("execID", exec.clone())]);
        self.tell(id, &format!("exec_start: {command}"), &[("execID", exec.clone())]);
        self.tell(id, "exec_die", &[("execID", exec), ("exitCode", code.to_string())]);
        if let Some(status) = news {
            self.tell(id, &format!("health_status: {status}"), &[]);
        }
    }
}

/// What a real engine says of a program that could not be run.
pub(in super::super) fn not_run(why: &str) -> String {
    format!(
        "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {why}"
    )
}

/// The code of a container that could not be started.
pub(in super::super) fn code_of(error: &str) -> i64 {
    match error {
        _ if error.contains("executable file not found") || error.contains("no such file") => 127,
        _ if error.contains("permission denied") => 126,
        _ => 128,
    }
}

impl Container {
    fn should_restart(&self) -> bool {
        if self.life.stopped_by_hand {
            return false;
        }
        match self.restart_policy() {
            ("always" | "unless-stopped", _) => true,
            ("on-failure", most) => {
                self.life.exit_code != 0 && (most == 0 || u64::from(self.life.restarts) < most)
            }
            _ => false,
        }
    }

    fn wait_for_restart(&mut self, now: Moment, ran: Duration) {
        let life = &mut self.life;
        life.pause = match life.pause {
            pause if pause.is_zero() || ran >= STEADY => FIRST_PAUSE,
            pause => (pause * 2).min(LONGEST_PAUSE),
        };
        life.phase = Some(Phase::Restarting);
        life.restart_at = Some(now + life.pause);
    }
}
