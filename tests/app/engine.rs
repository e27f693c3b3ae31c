//! What the engine reports: states, deaths, losses, readings.

use std::time::Duration;

use dockside::app::content;
use dockside::app::details::{self, Line};
use dockside::app::layers::{Details, Tab};
use dockside::app::{Grade, Layer, Link, Msg, Options, PortHolder, rows};
use dockside::observed::{ContainerId, Fact, HealthStatus, Level, Processes, Sample, State, label};
use jiff::SignedDuration;
use serde_json::json;

use crate::desk::{Desk, container, exited, project, start, with_health};

#[test]
fn services_stand_in_file_order_with_their_states() {
    let mut desk = Desk::shop();
    let mut worker = exited(container("old-worker", 1), 137);
    worker.oom_killed = true;
    desk.change(worker);
    desk.change(with_health(container("api", 1), HealthStatus::Starting, 3));
    let mut web = exited(container("web", 2), 137);
    web.oom_killed = true;
    desk.change(web);
    let expected = "\
✖ web 1/2 exited 137 OOM
◐ api 1/1 starting 3/5
● db 1/1 running
? old-worker 0 orphan
";
    assert_eq!(desk.services(), expected);
}

#[test]
fn containers_of_a_build_are_none_of_the_service() {
    let mut desk = Desk::shop();
    let mut at_work = container("web", 9);
    at_work.labels.retain(|name, _| [label::PROJECT, label::SERVICE].contains(&name.as_str()));
    desk.change(at_work);
    assert!(desk.services().starts_with("● web 2/2 running"), "{}", desk.services());
    assert_eq!(rows::containers(&desk.app).len(), 2);
}

#[test]
fn every_state_has_its_word() {
    let mut desk = Desk::shop();
    let mut check = |container: dockside::observed::Container, word: &str| {
        desk.change(container);
        let row = rows::service(&desk.app, "db").unwrap();
        assert_eq!(format!("{} {} {}", row.kind.sign(rows::Symbols::Ascii), row.state, row.age), word);
    };
    let db = || container("db", 1);
    check(exited(db(), 0), "o done 0 2m ago");
    check(exited(db(), 143), "o exited 143 2m ago");
    check(exited(db(), 1), "x exited 1 2m ago");
    check(dockside::observed::Container { state: State::Paused, ..db() }, "= paused 1h");
    check(dockside::observed::Container { state: State::Created, ..db() }, "o created 1h");
    check(
        dockside::observed::Container { state: State::Other("napping".to_owned()), ..db() },
        "? napping 1h",
    );
    let restarting = dockside::observed::Container { state: State::Restarting, exit_code: Some(2), ..db() };
    check(restarting, "~ restarting 2 1h");
    check(with_health(db(), HealthStatus::Unhealthy, 5), "x unhealthy 1h");
    check(with_health(db(), HealthStatus::Healthy, 0), "* healthy 1h");
    desk.fact(Fact::Removed(db().id));
    assert!(desk.services().contains("· db 0/1 not created"), "{}", desk.services());
}

#[test]
fn a_death_is_told_with_its_cause() {
    let mut desk = Desk::shop();
    let mut api = container("api", 1);
    api.restart_count = 3;
    let limits = json!({"HostConfig": {
        "Memory": 256 << 20, "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    }});
    api.inspect = Some(std::sync::Arc::new(limits));
    desk.change(api);
    desk.event("shop-api-1", "oom", &[]);
    desk.event("shop-api-1", "die", &[("exitCode", "137")]);
    let entry = desk.app.activity.entries().next().unwrap().clone();
    assert_eq!((entry.grade, entry.subject.as_str()), (Grade::Bad, "api-1 died"));
    assert_eq!(entry.text, "out of memory at 256 MiB, exit 137");
    assert_eq!(entry.more, ["restart policy on-failure: 3 of 3 tries used"]);
    assert_eq!(desk.app.activity.unseen, 1);
    desk.press("j");
    assert_eq!(desk.app.activity.unseen, 0);
}

#[test]
fn what_was_stopped_by_hand_has_not_failed() {
    let mut desk = Desk::shop();
    desk.event("shop-db-1", "kill", &[("signal", "9")]);
    desk.event("shop-db-1", "die", &[("exitCode", "137")]);
    desk.change(exited(container("db", 1), 137));
    assert!(desk.services().contains("○ db 0/1 exited 137"), "{}", desk.services());
    let entry = desk.app.activity.entries().next().unwrap();
    assert_eq!((entry.grade, entry.subject.as_str()), (Grade::Neutral, "db-1 was stopped"));
}

#[test]
fn what_is_always_started_again_was_stopped_by_hand_if_it_is_down() {
    let mut desk = Desk::shop();
    let kept = json!({"HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}}});
    let mut db = exited(container("db", 1), 0);
    db.inspect = Some(std::sync::Arc::new(kept));
    desk.change(db.clone());
    assert!(desk.services().contains("○ db 0/1 exited 0"), "{}", desk.services());
    db.exit_code = Some(137);
    desk.change(db);
    assert!(desk.services().contains("○ db 0/1 exited 137"), "{}", desk.services());
}

#[test]
fn a_story_says_what_the_exit_code_means_and_what_was_said() {
    let mut desk = Desk::shop();
    desk.press("j");
    desk.wait(100);
    desk.change(exited(container("api", 1), 127));
    desk.log_ends("shop-api-1", "sh: serve: not found", Level::Unknown);
    let details = Details { service: "api".to_owned(), tab: Tab::Overview, offset: 0 };
    let lines = details::lines(&desk.app, &details);
    let place = lines.iter().position(|line| *line == Line::Heading("Why")).unwrap();
    let text = |text: &str| Line::Text(text.to_owned());
    assert_eq!(lines[place + 1], text("127 means: its command was not found."));
    assert_eq!(lines[place + 2], text("It said: sh: serve: not found"));
}

#[test]
fn processes_are_listed_while_they_are_shown() {
    let mut desk = Desk::shop();
    desk.press("enter");
    desk.effects();
    desk.press("tab tab tab tab");
    assert_eq!(desk.effects(), "");
    desk.press("tab");
    assert_eq!(desk.effects(), "list processes of shop-web-1");
    desk.wait(1000);
    assert_eq!(desk.effects(), "", "not due yet");
    desk.wait(1000);
    assert_eq!(desk.effects(), "list processes of shop-web-1");
    let table = Processes {
        titles: vec!["PID".to_owned(), "CMD".to_owned()],
        rows: vec![vec!["71".to_owned(), "nginx\u{1b}[2J".to_owned()]],
    };
    desk.send(Msg::Processes { id: ContainerId::from("shop-web-1"), result: Ok(table) });
    let Some(Layer::Details(shown)) = desk.app.layer().cloned() else { panic!("{}", desk.layer()) };
    let lines = details::lines(&desk.app, &shown);
    let row = |cells: [&str; 2], is_title| Line::Row { cells: cells.map(str::to_owned).to_vec(), is_title };
    assert_eq!(lines[1..], [row(["PID", "CMD"], true), row(["71", "nginx[2J"], false)]);
    desk.press("esc");
    desk.wait(4000);
    assert_eq!(desk.effects(), "");
}

#[test]
fn deaths_that_nobody_saw_are_counted() {
    let mut desk = Desk::shop();
    for (service, code) in [("api", "1"), ("db", "1"), ("api", "2")] {
        desk.event(&format!("shop-{service}-1"), "die", &[("exitCode", code)]);
    }
    assert_eq!(content::activity_title(&desk.app), "since you looked: api-1 died 2 times, db-1 died");
}

#[test]
fn the_details_tell_the_events_of_a_service() {
    let mut desk = Desk::shop();
    let of =
        |service| [(label::PROJECT, "shop"), (label::SERVICE, service), ("name", "n-1"), ("exitCode", "7")];
    desk.event("shop-api-1", "exec_die", &of("api"));
    desk.event("shop-api-1", "die", &of("api"));
    desk.event("shop-db-1", "die", &of("db"));
    let shown = Details { service: "api".to_owned(), tab: Tab::Events, offset: 0 };
    let lines = details::lines(&desk.app, &shown);
    let [Line::Event { name, action, more, .. }] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!([name.as_str(), action, more], ["n-1", "die", "exitCode=7"]);
}

#[test]
fn what_a_verb_ends_is_told_by_the_verb() {
    let mut desk = Desk::shop();
    desk.press("s");
    desk.planned(1, vec![crate::desk::op("stop", "web", &[])]);
    desk.event("shop-web-1", "die", &[("exitCode", "137")]);
    assert_eq!(desk.app.activity.entries().len(), 1);
}

#[test]
fn a_lost_engine_is_said_and_verbs_wait_for_it() {
    let mut desk = Desk::shop();
    desk.fact(Fact::Lost {
        endpoint: "unix:///docker.sock".to_owned(),
        error: "no such file".to_owned(),
        retry_in: Duration::from_secs(2),
    });
    assert!(matches!(desk.app.engine.link, Link::Lost { .. }));
    assert_eq!(rows::header(&desk.app).engine, "no engine, next try in 2 s");
    assert_eq!(desk.outcome(), "the engine is gone: no such file");
    assert_eq!(dockside::app::content::no_engine(&desk.app), None, "what was known still shows");
    desk.press("r");
    assert_eq!((desk.effects().as_str(), desk.outcome().as_str()), ("", "no engine: no such file"));
    assert!(desk.services().contains("● api 1/1"), "what was known still shows");
    desk.connect(vec![container("web", 1)]);
    assert_eq!(desk.effects(), "open shop-web-1 2000; ReadImages([\"api\", \"nginx\", \"postgres\"])");
    assert_eq!(rows::header(&desk.app).engine, "local");
    assert_eq!(desk.outcome(), "connected to Docker 28.5.2 at unix:///docker.sock");
}

#[test]
fn an_engine_that_never_answered_is_named_with_what_to_do() {
    let mut desk = Desk::empty(Options::default());
    desk.fact(Fact::Lost {
        endpoint: "unix:///docker.sock".to_owned(),
        error: "cannot reach the engine at unix:///docker.sock: no such file".to_owned(),
        retry_in: Duration::from_secs(2),
    });
    let [why, advice] = dockside::app::content::no_engine(&desk.app).unwrap();
    assert!(why.contains("unix:///docker.sock"), "{why}");
    assert!(advice.contains("--host") && advice.contains("DOCKER_HOST"), "{advice}");
    desk.connect(vec![]);
    assert_eq!(dockside::app::content::no_engine(&desk.app), None);
}

#[test]
fn the_header_forgets_the_figures_of_what_is_gone() {
    let mut desk = Desk::shop();
    for second in 1..=3u64 {
        let at = Duration::from_secs(second);
        let sample = Sample { at, cpu: at / 10, memory: 1 << 20, ..Sample::default() };
        desk.fact(Fact::Sample { id: "shop-web-1".into(), sample: Ok(sample) });
        desk.wait(1_000);
    }
    assert!(rows::header(&desk.app).memory.is_some());
    for name in ["shop-web-1", "shop-web-2", "shop-api-1", "shop-db-1"] {
        desk.fact(Fact::Removed(name.into()));
    }
    assert_eq!((rows::header(&desk.app).cpu, rows::header(&desk.app).memory), (None, None));
}

#[test]
fn readings_are_drawn_at_the_tick_unless_something_else_was() {
    let mut desk = Desk::shop();
    // The containers are old enough that no age counts seconds.
    desk.wait(100_000);
    let mut read_then = |also: fn(&mut Desk)| {
        desk.wait(1_000);
        desk.fact(Fact::Sample { id: "shop-web-1".into(), sample: Ok(Sample::default()) });
        also(&mut desk);
        let before = desk.app.revision;
        desk.wait(1_000);
        desk.app.revision - before
    };
    assert_eq!(read_then(|_| {}), 1);
    assert_eq!(read_then(|desk| desk.app.revision += 1), 0);
}

#[test]
fn without_a_file_the_projects_are_offered() {
    let mut desk = Desk::empty(Options::default());
    let reason = "no compose file in /tmp or above".to_owned();
    desk.send(Msg::NotLoaded { reason, probed: Vec::new() });
    desk.connect(vec![container("web", 1), container("db", 1)]);
    assert_eq!(desk.layer(), "Projects");
    desk.press("enter");
    assert!(desk.effects().starts_with("OpenProject"));
    assert_eq!(desk.services(), "● db 1 running\n● web 1 running\n");
    desk.press("u");
    assert_eq!(desk.outcome(), "its compose file is not loaded");
    assert!(desk.effects().is_empty());
    desk.press("r");
    assert!(desk.effects().contains("plan 1 restart"));
}

#[test]
fn the_selection_is_read_each_second_the_rest_less_often() {
    let mut desk = Desk::shop();
    let mut asked = std::collections::BTreeMap::<String, usize>::new();
    for second in 1..=31u64 {
        let due = desk.samples();
        assert!(due.len() <= 4);
        for id in due {
            *asked.entry(id.clone()).or_default() += 1;
            let at = Duration::from_secs(second);
            let sample = Sample { at, cpu: at / 10, memory: 1 << 20, ..Sample::default() };
            desk.fact(Fact::Sample { id: id.as_str().into(), sample: Ok(sample) });
        }
        desk.wait(1_000);
    }
    let counts = |name: &str| asked.get(name).copied().unwrap_or_default();
    assert!((29..=32).contains(&counts("shop-web-1")), "{asked:?}");
    assert!((29..=32).contains(&counts("shop-web-2")), "{asked:?}");
    assert!((9..=13).contains(&counts("shop-db-1")), "{asked:?}");
    let row = rows::service(&desk.app, "db").unwrap();
    assert!((row.cpu.unwrap() - 0.1).abs() < 0.01, "{row:?}");
    assert_eq!(row.memory, Some(1 << 20));
}

#[test]
fn starting_health_is_inspected_since_probes_are_not_pushed() {
    let mut desk = Desk::shop();
    desk.change(with_health(container("db", 1), HealthStatus::Starting, 0));
    assert_eq!(desk.effects(), "inspect shop-db-1");
    desk.wait(1_000);
    assert_eq!(desk.effects(), "inspect shop-db-1");
    desk.change(with_health(container("db", 1), HealthStatus::Healthy, 0));
    desk.wait(1_000);
    assert_eq!(desk.effects(), "");
}

#[test]
fn no_frame_is_due_when_nothing_changes() {
    let mut desk = Desk::shop();
    desk.wait(30_000);
    let before = desk.app.revision;
    desk.wait(2);
    assert_eq!(desk.app.revision, before);
    desk.fact(Fact::Sample { id: "shop-web-1".into(), sample: Ok(Sample::default()) });
    assert_eq!(desk.app.revision, before, "readings are shown together at the next second");
    desk.wait(1_000);
    assert_eq!(desk.app.revision, before + 1);
}

#[test]
fn an_idle_dashboard_sleeps() {
    let mut desk = Desk::empty(Options::default());
    assert_eq!(desk.app.next_wake(), None);
    desk.connect(vec![exited(container("web", 1), 0)]);
    assert_eq!(desk.app.next_wake(), Some(Duration::from_secs(30)));
}

#[test]
fn a_taken_port_says_by_whom() {
    let mut desk = Desk::shop();
    let port = || {
        rows::ports(&desk_ports())
            .into_iter()
            .map(|row| (row.address.clone(), row.state.words()))
            .next()
            .unwrap()
    };
    assert_eq!(port(), ("http://localhost:4444".to_owned(), "not bound".to_owned()));
    let holder =
        PortHolder { port: 4444, protocol: "tcp".to_owned(), process: Some(("node".to_owned(), 4121)) };
    desk.send(Msg::PortHolders(vec![holder]));
    assert_eq!(rows::ports(&desk.app)[0].state.words(), "taken by node (pid 4121)");
    let before = desk.app.revision;
    desk.send(Msg::PortHolders(Vec::new()));
    assert_eq!(rows::ports(&desk.app)[0].state.words(), "not bound", "it was let go");
    assert!(desk.app.revision > before);
    let mut other = container("proxy", 1);
    other.ports = vec![dockside::observed::PublishedPort {
        target: 80,
        protocol: "tcp".to_owned(),
        host_ip: None,
        published: Some(4444),
    }];
    desk.change(other);
    assert_eq!(rows::ports(&desk.app)[0].state.words(), "taken by shop-proxy-1");
}

fn desk_ports() -> dockside::app::App {
    Desk::shop().app
}

#[test]
fn the_file_alone_still_shows() {
    let mut desk = Desk::empty(Options::default());
    desk.app.file.project = Some(std::sync::Arc::new(project()));
    desk.app.project = Some("shop".to_owned());
    desk.wait(1);
    assert_eq!(desk.services(), "· web 0/2 unknown\n· api 0/1 unknown\n· db 0/1 unknown\n");
    let ago = start() - SignedDuration::from_secs(5);
    assert!(ago < desk.now());
}
