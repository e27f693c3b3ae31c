//! Verbs: taken at once, asked about by the rules, queued, cancelled, and told in the terms of what was wanted.

use dockside::app::{Msg, Options, RunEnd, RunId};
use dockside::observed::{Container, HealthStatus, Level, State};
use dockside::plan::{ContainerRef, OpId, OpKind, OpReport, OpState, RunFailure};

use crate::desk::{Desk, container, exited, op, with_health};

fn report(desk: &mut Desk, run: u64, op: usize, state: OpState) {
    desk.send(Msg::Progress { run: RunId(run), report: OpReport { op: OpId(op), state } });
}

fn end(desk: &mut Desk, run: u64) {
    desk.send(Msg::Ended { run: RunId(run), end: RunEnd::Done });
}

#[test]
fn a_verb_is_on_the_row_before_the_engine_answers() {
    let mut desk = Desk::shop();
    desk.press("j r");
    assert_eq!(desk.effects(), r#"plan 1 restart Services(["api"])"#);
    assert!(desk.services().contains("api 1/1 restart …"), "{}", desk.services());
    desk.planned(1, vec![op("restart", "api", &[])]);
    assert_eq!(desk.effects(), "open shop-api-1 2000; execute 1 1 ops".replace("open shop-api-1 2000; ", ""));
    report(&mut desk, 1, 0, OpState::Started);
    desk.wait(2_000);
    assert!(desk.services().contains("api 1/1 restarting 2s"), "{}", desk.services());
}

#[test]
fn the_outcome_of_a_restart_is_that_it_is_healthy() {
    let mut desk = Desk::shop();
    desk.press("j r");
    desk.planned(1, vec![op("restart", "api", &[])]);
    desk.wait(800);
    end(&mut desk, 1);
    let mut api = with_health(container("api", 1), HealthStatus::Starting, 3);
    api.started_at = Some(desk.now());
    desk.change(api.clone());
    assert_eq!(desk.outcome(), "api restarted, health 3/5");
    desk.wait(3_300);
    api.health.as_mut().unwrap().status = HealthStatus::Healthy;
    desk.change(api);
    assert_eq!(desk.outcome(), "api healthy after 4.1 s");
    assert!(desk.app.runs.all.is_empty());
}

#[test]
fn without_a_health_check_it_has_to_stay_up_for_a_second() {
    let mut desk = Desk::shop();
    desk.press("j r");
    desk.planned(1, vec![op("restart", "api", &[])]);
    desk.wait(400);
    end(&mut desk, 1);
    let mut api = container("api", 1);
    api.started_at = Some(desk.now());
    desk.change(api.clone());
    assert_eq!(desk.outcome(), "api restarted, running");
    desk.wait(1_000);
    assert_eq!(desk.outcome(), "api running after 0.4 s");

    desk.press("r");
    desk.planned(2, vec![op("restart", "api", &[])]);
    end(&mut desk, 2);
    api.started_at = Some(desk.now());
    desk.change(exited(api, 3));
    desk.wait(1_000);
    assert_eq!(desk.outcome(), "api-1 exited 3", "its log did not come, and is waited for no longer");
}

#[test]
fn replicas_that_were_left_as_they_are_are_not_waited_for() {
    let mut desk = Desk::shop();
    desk.press("#");
    desk.type_text("3");
    desk.press("enter");
    let mut start = op("start", "web", &[]);
    start.kind = OpKind::StartContainer { container: ContainerRef::Of(OpId(0)), is_alone: false };
    desk.planned(1, vec![start]);
    desk.wait(300);
    end(&mut desk, 1);
    assert_eq!(desk.outcome(), "web is up, starting", "the new one is not known yet");
    let mut web = container("web", 3);
    web.started_at = Some(desk.now());
    desk.change(web);
    assert_eq!(desk.outcome(), "web is up, web-3 running");
    desk.wait(1_000);
    assert_eq!(desk.outcome(), "web running after 0.3 s");
}

#[test]
fn a_failure_is_told_with_its_first_error_line() {
    let mut desk = Desk::shop();
    desk.press("r");
    desk.planned(1, vec![op("restart", "api", &[])]);
    desk.effects();
    end(&mut desk, 1);
    let mut api = container("api", 1);
    api.started_at = Some(desk.now());
    desk.change(exited(api, 3));
    assert_eq!(desk.effects(), "open shop-api-1 2000", "though it is not shown");
    desk.log_ends("shop-api-1", "\x1b[31mERROR\x1b[0m no answer from db:5432", Level::Error);
    assert_eq!(desk.outcome(), "api-1 exited 3: ERROR no answer from db:5432");
}

#[test]
fn what_was_waited_for_in_vain_is_told_with_its_first_error_line() {
    let mut desk = Desk::shop();
    desk.press("j u");
    let mut wait = op("wait", "api", &[]);
    wait.subject = "db".to_owned();
    desk.planned(1, vec![wait, op("start", "api", &[0])]);
    desk.effects();
    desk.change(exited(container("db", 1), 1));
    let failure = || RunFailure {
        what: "wait for db".to_owned(),
        why: "it exited".to_owned(),
        hint: None,
        is_answer: false,
    };
    report(&mut desk, 1, 0, OpState::Failed(failure()));
    desk.send(Msg::Ended { run: RunId(1), end: RunEnd::Failed(failure()) });
    assert_eq!(desk.effects(), "open shop-db-1 2000");
    desk.log_ends("shop-db-1", "FATAL: no space left", Level::Fatal);
    assert_eq!(desk.outcome(), "db-1 exited 1: FATAL: no space left");
    assert!(desk.app.runs.all.is_empty());
}

#[test]
fn a_long_verb_says_how_far_it_is_and_of_several_who_is_late() {
    let mut desk = Desk::shop();
    desk.press("U");
    desk.planned(1, vec![op("start", "api", &[]), op("start", "db", &[])]);
    desk.wait(300);
    desk.press("enter");
    desk.planned(1, vec![op("start", "api", &[]), op("start", "db", &[])]);
    assert_eq!(desk.outcome(), "up shop 0 of 2 ops");
    report(&mut desk, 1, 0, OpState::Done);
    assert_eq!(desk.outcome(), "up shop 1 of 2 ops");
    desk.press("p");
    assert_eq!(desk.outcome(), "pause web queued");
    report(&mut desk, 1, 1, OpState::Done);
    assert_eq!(desk.outcome(), "pause web queued", "what is said of another verb stays");
    let mut db = with_health(container("db", 1), HealthStatus::Starting, 2);
    db.started_at = Some(desk.now());
    let api = Container { started_at: db.started_at, ..container("api", 1) };
    desk.change(db);
    desk.change(api);
    end(&mut desk, 1);
    desk.wait(1_000);
    let activity: Vec<String> =
        desk.app.activity.entries().map(|entry| format!("{}: {}", entry.subject, entry.text)).collect();
    assert!(activity.contains(&"up shop: db-1 health 2/5".to_owned()), "{activity:?}");
}

#[test]
fn what_the_engine_reports_late_of_a_stop_is_not_told_twice() {
    let mut desk = Desk::shop();
    desk.press("s");
    desk.planned(1, vec![op("stop", "web", &[])]);
    desk.wait(50);
    end(&mut desk, 1);
    assert_eq!(desk.outcome(), "web stopped");
    desk.event("shop-web-1", "kill", &[("signal", "15")]);
    desk.event("shop-web-1", "die", &[("exitCode", "0")]);
    assert_eq!(desk.app.activity.entries().len(), 1);
    desk.event("shop-web-2", "die", &[("exitCode", "1")]);
    assert_eq!(desk.app.activity.entries().len(), 2, "what fails is told");
}

#[test]
fn the_number_that_was_asked_for_holds_until_the_file_is_applied_or_changed() {
    let mut desk = Desk::shop();
    desk.press("#");
    desk.type_text("3");
    desk.press("enter");
    desk.planned(1, vec![op("start", "web", &[])]);
    end(&mut desk, 1);
    desk.change(container("web", 3));
    desk.wait(6_000);
    assert!(desk.services().contains("web 3/3"), "{}", desk.services());
    desk.effects();
    desk.press("j u");
    let scales = |desk: &Desk, run| desk.app.runs.get(RunId(run)).unwrap().request.options.scale.clone();
    assert_eq!(scales(&desk, 2).get("web"), Some(&3), "others leave it as it is");
    desk.refused(2, "no");
    desk.press("k u");
    assert!(scales(&desk, 3).is_empty(), "its own up applies the file");
    desk.planned(3, vec![op("start", "web", &[])]);
    end(&mut desk, 3);
    assert!(desk.services().contains("web 3/2"), "{}", desk.services());
}

#[test]
fn up_asks_only_if_something_would_go() {
    let mut desk = Desk::shop();
    desk.press("u");
    desk.planned(1, vec![op("start", "web", &[])]);
    assert_eq!(desk.layer(), "home");
    assert!(desk.effects().ends_with("execute 1 1 ops"));

    let mut desk = Desk::shop();
    desk.press("u");
    desk.effects();
    desk.planned(1, vec![op("stop", "web", &[]), op("remove", "web", &[0])]);
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("Plan", ""));
    desk.press("enter");
    assert_eq!(desk.effects(), "", "a dialog is deaf at first");
    desk.wait(200);
    desk.press("enter");
    assert_eq!(desk.effects(), r#"plan 1 up Services(["web"])"#);
    desk.planned(1, vec![op("remove", "web", &[])]);
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("Plan", ""), "another plan is shown");
    desk.wait(200);
    desk.press("enter");
    desk.planned(1, vec![op("remove", "web", &[])]);
    assert_eq!(desk.effects(), r#"plan 1 up Services(["web"]); execute 1 1 ops"#);
    assert_eq!(desk.layer(), "Plan", "its steps tick off");
    report(&mut desk, 1, 0, OpState::Done);
    end(&mut desk, 1);
    assert_eq!(desk.layer(), "home");
}

/// A shop in which `U` was agreed to and is being carried out.
fn going_up() -> Desk {
    let mut desk = Desk::shop();
    let ops = || vec![op("remove", "web", &[]), op("start", "web", &[0]), op("start", "db", &[1])];
    desk.press("U");
    desk.planned(1, ops());
    desk.wait(300);
    desk.press("enter");
    desk.planned(1, ops());
    report(&mut desk, 1, 0, OpState::Done);
    desk.effects();
    desk
}

#[test]
fn a_plan_that_is_carried_out_keeps_nobody_from_working() {
    for (key, layer, is_cancelled) in [
        ("j", "Plan", false),
        ("esc", "home", false),
        ("q", "home", false),
        ("enter", "home", false),
        ("ctrl-x", "Plan", true),
        ("!", "home", false),
        ("?", "Help", false),
        ("Y", "Plan", false),
    ] {
        let mut desk = going_up();
        desk.press(key);
        let cancelled = desk.effects() == "cancel 1";
        assert_eq!((desk.layer().as_str(), cancelled), (layer, is_cancelled), "{key}");
        assert_eq!(desk.app.runs.all.len(), 1, "{key}: it goes on");
    }
    let mut desk = going_up();
    desk.press("!");
    assert!(desk.app.problems_only, "the key acts at once");
}

#[test]
fn what_fails_while_it_is_watched_opens_its_story() {
    let why = "manifest unknown".to_owned();
    let failure =
        || RunFailure { what: "create web-1".to_owned(), why: why.clone(), hint: None, is_answer: false };
    let fail = |desk: &mut Desk| {
        report(desk, 1, 1, OpState::Failed(failure()));
        report(desk, 1, 2, OpState::Skipped);
        desk.send(Msg::Ended { run: RunId(1), end: RunEnd::Failed(failure()) });
    };
    let mut watched = going_up();
    fail(&mut watched);
    assert_eq!(watched.layer(), "Details");
    let mut unseen = going_up();
    unseen.press("esc");
    fail(&mut unseen);
    assert_eq!(unseen.layer(), "home");
    for desk in [&mut watched, &mut unseen] {
        let failures: Vec<_> = desk.app.runs.failures.iter().collect();
        assert_eq!(format!("{failures:?}"), r#"[("web", "up shop: create web-1: manifest unknown")]"#);
    }
    unseen.press("r");
    assert!(unseen.app.runs.failures.is_empty(), "the next verb begins anew");
}

#[test]
fn leaving_a_plan_does_nothing() {
    let mut desk = Desk::shop();
    desk.press("U");
    desk.planned(1, vec![op("start", "db", &[])]);
    assert_eq!(desk.layer(), "Plan", "the project is always asked about");
    desk.effects();
    desk.press("esc");
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("home", ""));
    assert!(desk.app.runs.all.is_empty());
}

#[test]
fn nothing_to_do_is_said_and_not_asked() {
    let mut desk = Desk::shop();
    desk.press("U");
    desk.planned(1, vec![]);
    assert_eq!((desk.layer().as_str(), desk.outcome().as_str()), ("home", "shop: as the file says already"));
}

#[test]
fn deleting_volumes_wants_the_name_typed() {
    let mut desk = Desk::shop();
    desk.press("D");
    desk.planned(1, vec![op("remove", "web", &[])]);
    assert_eq!(desk.layer(), "Down");
    desk.wait(300);
    desk.press("v");
    desk.planned(1, vec![op("remove", "web", &[])]);
    desk.effects();
    desk.press("enter");
    assert_eq!((desk.outcome().as_str(), desk.effects().as_str()), ("type shop to delete its volumes", ""));
    desk.type_text("shop");
    desk.press("enter");
    assert_eq!(desk.effects(), "plan 1 down Project");
    desk.planned(1, vec![op("remove", "web", &[])]);
    assert_eq!(desk.effects(), "execute 1 1 ops");
    desk.wait(3_100);
    end(&mut desk, 1);
    assert_eq!(desk.outcome(), "shop is down: 1 container removed after 3.1 s");
}

#[test]
fn a_second_verb_waits_for_the_first() {
    let mut desk = Desk::shop();
    desk.press("j r");
    desk.planned(1, vec![op("restart", "api", &[])]);
    desk.press("p");
    desk.effects();
    assert!(desk.services().contains("api 1/1"), "{}", desk.services());
    assert_eq!(desk.outcome(), "pause api queued");
    desk.press("j r");
    assert_eq!(desk.effects(), r#"plan 3 restart Services(["db"])"#, "other services are free");
    end(&mut desk, 1);
    assert_eq!(desk.effects(), r#"plan 2 pause Services(["api"])"#);
}

#[test]
fn stop_cancels_an_up_of_the_same_service() {
    let mut desk = Desk::shop();
    desk.press("u");
    desk.planned(1, vec![op("pull", "web", &[]), op("start", "web", &[0])]);
    report(&mut desk, 1, 0, OpState::Progress { text: "pulling 43%".to_owned(), fraction: Some(0.43) });
    assert!(desk.services().contains("web 2/2 pulling 43%"), "{}", desk.services());
    desk.effects();
    desk.press("s");
    assert_eq!(desk.effects(), "cancel 1");
    desk.send(Msg::Ended { run: RunId(1), end: RunEnd::Cancelled });
    assert_eq!(desk.effects(), r#"plan 2 stop Services(["web"])"#);
}

#[test]
fn a_waiting_service_says_for_whom_and_how_far_that_is() {
    let mut desk = Desk::shop();
    desk.press("j u");
    let mut wait = op("wait", "api", &[]);
    wait.subject = "db".to_owned();
    desk.planned(1, vec![wait, op("start", "api", &[0])]);
    report(&mut desk, 1, 0, OpState::Progress { text: "starting 2/5".to_owned(), fraction: None });
    assert!(desk.services().contains("api 1/1 waits for db: starting 2/5"), "{}", desk.services());
}

#[test]
fn kill_chooses_a_signal_first() {
    let mut desk = Desk::shop();
    desk.press("K");
    assert_eq!(desk.layer(), "Menu");
    desk.wait(200);
    desk.effects();
    desk.press("enter");
    assert_eq!(desk.effects(), r#"plan 1 kill Services(["web"])"#);
    desk.planned(1, vec![op("stop", "web", &[])]);
    end(&mut desk, 1);
    assert_eq!(desk.outcome(), "web got SIGKILL");
    desk.press("K");
    desk.wait(200);
    desk.press("h");
    desk.planned(2, vec![op("stop", "web", &[])]);
    end(&mut desk, 2);
    assert_eq!(desk.outcome(), "web got SIGHUP");
}

#[test]
fn pause_goes_on_where_all_is_paused() {
    let mut desk = Desk::shop();
    let mut db = container("db", 1);
    db.state = State::Paused;
    desk.change(db);
    desk.press("G p");
    assert!(desk.effects().contains(r#"plan 1 unpause Services(["db"])"#));
}

#[test]
fn marks_choose_what_verbs_act_on_and_a_verb_clears_them() {
    let mut desk = Desk::shop();
    desk.press("space space s");
    assert_eq!(desk.effects(), r#"plan 1 stop Services(["web", "api"])"#);
    assert!(desk.app.marks.is_empty());
    desk.press("g v");
    assert!(desk.services().contains("+web") && desk.services().contains("+api"), "{}", desk.services());
    desk.press("* * *");
    assert!(desk.app.marks.is_empty() || desk.app.marks.len() == 3);
}

#[test]
fn marks_out_of_sight_are_shown_before_anything_is_done() {
    let mut desk = Desk::shop();
    desk.press("space /");
    desk.type_text("db");
    desk.press("enter s");
    desk.effects();
    desk.planned(1, vec![op("stop", "web", &[])]);
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("Plan", ""));
}

#[test]
fn a_command_is_asked_for_and_run_in_a_new_container() {
    for (typed, expected) in [
        ("sh -c 'a b'", r#"RunOnce { service: "web", command: ["sh", "-c", "a b"] }"#),
        ("", r#"RunOnce { service: "web", command: [] }"#),
        ("sh 'a", ""),
    ] {
        let mut desk = Desk::shop();
        desk.press("X");
        assert_eq!(desk.layer(), "Prompt");
        desk.type_text(typed);
        desk.press("enter");
        assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("home", expected));
        assert_eq!(desk.outcome().contains("not closed"), expected.is_empty(), "{}", desk.outcome());
    }
}

#[test]
fn images_are_built_and_pulled_by_menu() {
    for (key, verb) in [("B", "build"), ("P", "pull")] {
        let mut desk = Desk::shop();
        desk.press("R");
        desk.wait(300);
        desk.press(key);
        assert_eq!(desk.effects(), format!(r#"plan 1 {verb} Services(["web"])"#));
    }
}

#[test]
fn replicas_are_asked_for() {
    let mut desk = Desk::shop();
    desk.press("#");
    desk.type_text("x3");
    desk.press("enter");
    assert_eq!(desk.outcome(), "`x3` is no number of replicas");
    desk.press("#");
    desk.type_text("3");
    desk.press("enter");
    assert!(desk.services().contains("web 2/3"), "{}", desk.services());
    assert_eq!(desk.effects(), r#"plan 1 up Services(["web"])"#);
}

#[test]
fn a_failure_is_told_with_its_reason() {
    let mut desk = Desk::shop();
    desk.press("r");
    desk.refused(1, "the engine is out of reach");
    assert_eq!(desk.outcome(), "plan: the engine is out of reach");
    desk.press("r");
    desk.planned(2, vec![op("restart", "web", &[])]);
    let failure = RunFailure {
        what: "restart web-1".to_owned(),
        why: "no such container".to_owned(),
        hint: None,
        is_answer: false,
    };
    desk.send(Msg::Ended { run: RunId(2), end: RunEnd::Failed(failure) });
    assert_eq!(desk.outcome(), "restart web-1: no such container");
    assert_eq!(desk.app.activity.entries().len(), 2);
}

#[test]
fn quitting_asks_while_verbs_are_on_their_way() {
    let mut desk = Desk::shop();
    desk.press("r");
    desk.effects();
    desk.press("q");
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("Confirm", ""));
    desk.press("esc");
    desk.press("q");
    desk.refused(1, "no");
    assert_eq!(
        (desk.layer().as_str(), desk.outcome().as_str()),
        ("home", "plan: no"),
        "nothing is left to ask about"
    );
    desk.press("q");
    assert_eq!(desk.effects(), "Quit");
}

#[test]
fn read_only_has_no_verbs() {
    let mut desk = Desk::shop();
    desk.app.options = Options { read_only: true, ..Options::default() };
    for key in ["u", "U", "s", "S", "r", "p", "K", "D", "#", "R", "d", "e"] {
        desk.press(key);
        assert_eq!(
            (desk.layer().as_str(), desk.effects().as_str(), desk.outcome().as_str()),
            ("home", "", "read-only: no verbs"),
            "{key}"
        );
    }
}

#[test]
fn verbs_act_in_the_details_on_whose_story_is_told() {
    let mut desk = Desk::shop();
    desk.press("space enter r");
    assert_eq!(
        (desk.layer().as_str(), desk.effects().as_str()),
        ("Details", r#"open shop-api-1 2000; plan 1 restart Services(["api"])"#)
    );
    desk.press("K");
    assert_eq!(desk.layer(), "Menu");
    desk.wait(200);
    desk.press("t");
    assert_eq!(desk.outcome(), "kill api queued");
    desk.press("1 2");
    assert_eq!(desk.layer(), "Details", "other keys of the home screen do not");
}

#[test]
fn one_replica_is_the_target_in_containers() {
    let mut desk = Desk::shop();
    desk.press("2 j r");
    assert_eq!(desk.effects(), "plan 1 restart Containers([shop-web-2])");
    desk.press("u");
    desk.planned(1, vec![]);
    assert!(desk.effects().contains(r#"plan 2 up Services(["web"])"#));
}
