//! Dockside: a terminal dashboard for Docker Compose projects, with a compose engine of its own.
//!
//! It loads the compose files itself, plans what would have to change, and carries plans out over the Docker Engine API. It
//! never runs the docker command. What it brings up has Docker Compose's names, labels and hashes, so that either tool can
//! manage what the other one made.
//!
//! # The screen
//!
//! Four panes of one project, and layers above them: the plan, details, menus, help. From 120 columns on as drawn here;
//! on smaller terminals lists and logs share the height, then a line a service is left, then one line of counts
//! ([`app::layout`]).
//!
//! ```text
//!  shop  compose.yaml    ● 3  ◐ 1  ✖ 1  of 5 services    cpu 11.7%            header: project, files, counts, engine
//! ╭─ 1 Services ─────────────────────────── 5 ─╮╭─ 4 Logs  tiles ───── 2 ─╮
//! │ ◆ ● web     2/2  healthy         3h  4444  ││ ▴ api-1    │ ▾ db-1     │   ◆ marked, ▌ the cursor: what verbs act on
//! │▌  ◐ api   ▴ 1/1  starting 3/5  12s  9000   ││ DBG pool   │ LOG ready  │   ▴ ▾ the mark of a tile, in its colour
//! │   ● db    ▾ 1/1  healthy         3h        ││ ERR time…  │ LOG 1.1 ms │
//! │   ● redis   1/1  running Δ image 3h        ││            │            │   Δ drift: the container no longer matches the file
//! │   ✖ worker  0/1  exited 137 OOM  2m ago    ││            │            │
//! ╰────────────────────────────────────────────╯│            │            │
//! ╭─ 2 Containers  of api ───────────────── 1 ─╮│            │            │
//! │   ◐ shop-api-1  up 12s  █▅▂▇▄  9.8%  64M   ││            │            │   the replicas, and what their failing probes said
//! ╰────────────────────────────────────────────╯│            │            │
//! ╭─ 3 Ports  of api ────────────────────── 1 ─╮│            │            │
//! │   http://localhost:9000  api-1 listening   ││            │            │   addresses to open and copy, or who holds them
//! ╰────────────────────────────────────────────╯│            │            │
//! ╭─ Activity ───────────────────────── A all ─╮│            │            │
//! │ 14:02:51 ✖ worker died  out of memory      ││            │            │   verbs and deaths, each with its cause
//! ╰────────────────────────────────────────────╯╰─────────────────────────╯
//!  u up  r restart  s stop   web    ? help       ◐ api starting 3/5           footer: the keys, on what, the last outcome
//! ```
//!
//! # The modules
//!
//! Each imports only those above it; `app` and `ui` never import `engine` or `sim`. They meet in `runtime` and `cli`.
//!
//! | module | what it does |
//! |---|---|
//! | [`compose`] | pure: files → trees with positions → passes → canonical tree → typed project, with diagnostics |
//! | [`observed`] | pure: plain data of what the engine has and says |
//! | [`plan`] | pure: project, observed and request → the ops that bring them together, each with its cause |
//! | [`engine`] | the only user of bollard: connects, watches, reads logs, carries plans out; decides nothing |
//! | [`sim`] | the embedded engine: a Docker Engine API server in the process, for the demo and for tests |
//! | [`app`] | pure: the dashboard's state, what a message changes in it, and what is then to be done outside |
//! | [`ui`] | pure: draws the state |
//! | [`settings`] | the user's settings over the embedded defaults |
//! | [`disk`] | the files of this machine, as the loader asks for them |
//! | [`terminal`] | raw mode, whole frames, and the terminal given back whatever happens |
//! | [`runtime`] | the loop: owns the tasks, performs effects, draws |
//! | [`cli`] | the command line |
//!
//! Why `disk` stands apart: the loader must not open files, or it could not be tested on files that are not there; it asks
//! a [`Files`](compose::source::Files). The dashboard, the commands and the tests give it the same real one.
//!
//! ```text
//! terminal ── keys ──────────────► ┐
//! engine ──── facts, 1024 at most ► ├─ Msg ─► update(&mut App, Msg) ─► Vec<Effect> ─► perform ─► a task ─┐
//! engine ──── logs, 4 MiB at most ► │            │                                                      │
//! tasks ───── results ────────────► ┘            └──► draw(&App), if anything changed                    │
//!    ▲                                                                                                  │
//!    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Each source has a lane of its own, because each fails in its own way. Keys are never behind, so they are taken first.
//! Facts keep their order; where their lane is full, the engine's task waits. Results are few and none may be lost, so their
//! lane has no bound. Log lines come in floods, so theirs is bounded by bytes, and the loop gives them 4 ms a turn.
//!
//! # What holds throughout
//!
//! The numbers are those that comments name.
//!
//! 1. [`app::update()`] has no clock, input, output, spawn or lock: the time comes as a message. Shared data that nobody
//!    changes (`Arc`) is fine. The loop never waits on a send.
//! 2. [`ui::draw`] takes `&App` and returns nothing. Scroll positions are settled in `update`, which knows the size.
//! 3. The engine never knows the screen. It reports [`observed`] types, none of bollard's. Reading what an engine answers is
//!    lenient: states, kinds and fields that are not known pass.
//! 4. Every outcome of a task comes back as a message, a failure above all.
//! 5. What the engine pushes is not polled. Events are subscribed to before the list is read, at every reconnect as well,
//!    so that nothing falls between. What it does not push (resources, probe counts) is read for what runs in the project:
//!    the selection often, what is visible less, the rest seldom, a few at a time. There is no frame without a change.
//!    Once a minute the list is read again and compared, for an engine drops the events of who is slow, and says nothing.
//! 6. All requests, bollard's and the raw ones, go through one transport, which pins the API version after the first answer.
//! 7. A plan is made before anything changes. Planning never asks and never acts; execution decides nothing. `up` plans
//!    images first, observes again, and plans the convergence. What a person confirms is planned once more from a fresh
//!    reading, and shown again if it differs. A verb claims its services: a second one waits for the first.
//! 8. Reads are "newest wins": a read takes the place of the one before it in its slot (the log of a container, a search).
//! 9. A broken file still shows. Loading gives what it could read, with every fault and its place. Verbs that need the file
//!    are refused with the first fault; stop, restart, kill and down work from labels.
//! 10. Logs have a budget of memory. Chunks that are full are compressed and shared; the oldest lines go first, and a
//!     line in their place says how many. A position is a time, a container and a sequence number, never an index.
//! 11. What a container prints is data: of its bytes only text and SGR colours reach the terminal. Values whose names look
//!     like a secret's are hidden everywhere, in plans too.
//! 12. One table of attributes ([`compose::table`]) drives kinds, short forms, merging, validation and the order of the
//!     config hash.
//!
//! # The words
//!
//! Project, service, network, volume, config, secret and profile are the Compose Specification's. A *container* of a service
//! is a *replica*, or a *one-off* made by `run`. *Observed* is what the engine has; a *plan* is made of *ops*, each with its
//! *cause*. A *verb* is what a person asks for. *Drift* is where file and container differ; an *orphan* is a container that
//! no service of the file accounts for. A *pane* is a part of the home screen, a *layer* stands above it, a *tile* is one log.
//! A *msg* is what happened, an *action* what a key means, an *effect* what is to be done outside.

pub mod app;
pub mod cli;
pub mod compose;
pub mod disk;
pub mod engine;
pub mod observed;
pub mod plan;
pub mod runtime;
pub mod settings;
pub mod sim;
pub mod terminal;
pub mod ui;
