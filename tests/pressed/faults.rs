//! What the screen shows when the engine misbehaves, and that the program recovers by itself: nobody presses a key for that.

use std::time::Duration;

use dockside::engine::{Call, Engine};
use dockside::sim::Sim;
use dockside::sim::faults::{Fault, Wrong};
use jiff::SignedDuration;
use serde_json::Value;

use super::stage::Stage;

const LIST: &str = "GET /containers/json";
const INSPECT: &str = "GET /containers/{}/json";
const LOGS: &str = "GET /containers/{}/logs";
const EVENTS: &str = "GET /events";
const RESTART: &str = "POST /containers/{}/restart";

/// Lets something befall one call of an operation, the n-th from now.
fn order(sim: &Sim, operation: &'static str, call: usize, wrong: Wrong) {
    sim.order(Fault { operation, calls: call..=call, wrong });
}

/// As [`order`], for every call from now on.
fn always(sim: &Sim, operation: &'static str, wrong: Wrong) {
    sim.order(Fault { operation, calls: 1..=usize::MAX, wrong });
}

/// Does something to a container behind Dockside's back.
async fn behind_its_back(sim: &Sim, path: &str) {
    let engine = Engine::connect(&sim.endpoint()).await.unwrap();
    engine.json(Call::post(path, path).json(&Value::Null)).await.unwrap();
}

/// The screen so many seconds after the dashboard was opened on a world in which these faults were ordered.
async fn screen_with(faults: &[(&'static str, Wrong)], keys: &str) -> String {
    let sim = Stage::world().await;
    for (operation, wrong) in faults {
        always(&sim, operation, wrong.clone());
    }
    let mut stage = Stage::open(sim).await;
    stage.press(keys).await;
    assert_eq!(stage.sim.befallen() > 0, !faults.is_empty());
    stage.screen()
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_keeps_nothing_waiting() {
    let mut stage = Stage::shop().await;
    order(&stage.sim, RESTART, 1, Wrong::Late(Duration::from_secs(5)));
    stage.press("j j r +1 k").await;
    assert!(stage.line("api  ").contains("restarting"), "{}", stage.screen());
    assert!(stage.line("Containers").contains("of web"), "{}", stage.screen());
    stage.until("✔ api running").await;
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_said_and_the_next_call_goes_through() {
    let mut stage = Stage::shop().await;
    order(&stage.sim, RESTART, 2, Wrong::Refused(500, "no space left on device"));
    stage.press("j r").await;
    stage.until("✖ restart web-2: no space left on device").await;
    stage.press("r").await;
    stage.until("✔ web healthy").await;
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_for_a_while_is_read_later() {
    let sim = Stage::world().await;
    sim.order(Fault { operation: INSPECT, calls: 1..=7, wrong: Wrong::Refused(500, "layer not known") });
    let stats = "GET /containers/{}/stats";
    sim.order(Fault { operation: stats, calls: 1..=5, wrong: Wrong::Refused(500, "busy") });
    let mut stage = Stage::open(sim).await;
    assert!(!stage.line("✖ worker").contains(" ago"), "{}", stage.screen());
    stage.until("m ago").await;
    for service in ["gateway", "web", "api", "db"] {
        assert!(stage.line(&format!("● {service}")).contains("m   0.1%"), "{}", stage.screen());
    }
    assert_eq!(stage.sim.befallen(), 12);
}

#[tokio::test(start_paused = true)]
async fn nobody_there_at_first() {
    let sim = Stage::engine();
    sim.go_away();
    let mut stage = Stage::open(sim).await;
    let screen = stage.screen();
    assert!(screen.contains("no engine, next try in"), "{screen}");
    assert!(screen.contains("cannot reach the engine") && screen.contains("DOCKER_HOST"), "{screen}");
    assert!(screen.contains("gateway"), "the file shows all the same: {screen}");
    stage.sim.come_back();
    stage.until("not created").await;
    assert!(!stage.screen().contains("no engine"), "{}", stage.screen());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_goes_away_and_comes_back() {
    let mut stage = Stage::shop().await;
    stage.press("j j +1").await;
    stage.sim.go_away();
    stage.press("+1").await;
    let screen = stage.screen();
    assert!(screen.contains("no engine, next try in") && screen.contains("the engine is gone"), "{screen}");
    assert!(stage.line("│   ● web").contains("2/2"), "what was known still shows: {screen}");
    stage.press("r").await;
    assert!(stage.line("no engine:").contains('✖'), "{}", stage.screen());
    stage.press("+20").await;
    stage.sim.come_back();
    stage.until("connected to Docker").await;
    // Of its log nothing is missing: what was printed meanwhile has come.
    stage.until("order 11 taken").await;
    let screen = stage.screen();
    for number in 1..=11 {
        assert_eq!(screen.matches(&format!("order {number} taken")).count(), 1, "{number}: {screen}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_ends_with_all_its_programs_and_starts_again() {
    let mut stage = Stage::shop().await;
    stage.sim.shut_down();
    stage.press("+3").await;
    assert!(stage.screen().contains("no engine, next try in"), "{}", stage.screen());
    stage.sim.come_back();
    stage.until("connected to Docker").await;
    stage.until("gateway   0/1  exited 137").await;
    assert!(stage.line("● db").contains("running"), "its policy brings it back: {}", stage.screen());
    assert!(stage.line("api  ").contains("exited 137"), "{}", stage.screen());
    assert!(stage.line("4 Logs").contains("ended"), "{}", stage.screen());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_hung_up() {
    let sim = Stage::world().await;
    order(&sim, INSPECT, 3, Wrong::HungUp);
    let mut stage = Stage::open(sim).await;
    stage.until("connected to Docker").await;
    stage.press("+10").await;
    assert!(stage.line("● api").contains("running"), "{}", stage.screen());
    assert!(stage.line("4 Logs").contains("following"), "{}", stage.screen());
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn events_that_break_off() {
    let sim = Stage::world().await;
    order(&sim, EVENTS, 1, Wrong::Cut(300));
    let mut stage = Stage::open(sim).await;
    behind_its_back(&stage.sim, "/containers/shop-db-1/pause").await;
    stage.until("the engine is gone").await;
    stage.until("connected to Docker").await;
    assert!(stage.line("‖ db").contains("paused"), "{}", stage.screen());
    behind_its_back(&stage.sim, "/containers/shop-gateway-1/kill").await;
    stage.until("gateway-1 was stopped").await;
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_breaks_off_goes_on() {
    // Wherever it ends, each line stands there once.
    for bytes in [300, 407] {
        let screen = screen_with(&[(LOGS, Wrong::Cut(bytes))], "j j 4 +20").await;
        for number in 1..=9 {
            assert_eq!(screen.matches(&format!("order {number} taken")).count(), 1, "{bytes}: {screen}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_looks_ended_goes_on() {
    // The end of its first line: 8 bytes of header, 31 of time, and `listening on 8080`.
    const FIRST: usize = 8 + 31 + 18;
    const NEXT: usize = 8 + 31 + 20;
    let whole = screen_with(&[], "4 +5").await;
    let sim = Stage::world().await;
    order(&sim, LOGS, 1, Wrong::Cut(FIRST + 3 * NEXT));
    sim.order(Fault { operation: LOGS, calls: 2..=4, wrong: Wrong::Cut(0) });
    let mut stage = Stage::open(sim).await;
    let title = stage.line("4 Logs");
    assert!(title.contains("broke off, next try in"), "{}", stage.screen());
    stage.press("4 +5").await;
    assert_eq!(stage.screen(), whole);
    assert_eq!(stage.sim.befallen(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_refused_is_said_to_be() {
    let sim = Stage::world().await;
    order(&sim, LOGS, 1, Wrong::Refused(500, "this driver cannot be read"));
    let mut stage = Stage::open(sim).await;
    assert!(stage.screen().contains("cannot be read: this driver cannot be read"), "{}", stage.screen());
    // Another look, another try.
    stage.press("j +1 k +1").await;
    assert!(stage.line("4 Logs").contains("following"), "{}", stage.screen());
    assert!(stage.screen().contains("GET /products/7 200"), "{}", stage.screen());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let sim = Stage::world().await;
    order(&sim, LIST, 1, Wrong::Stalled(1));
    let mut stage = Stage::open(sim).await;
    assert!(!stage.line("gateway").contains("running"), "{}", stage.screen());
    stage.press("? +1").await;
    assert!(stage.screen().contains("the next row or line"), "keys are taken meanwhile: {}", stage.screen());
    stage.press("esc").await;
    stage.until("no answer").await;
    stage.until("● gateway   1/1  running").await;
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn pieces_that_end_anywhere() {
    let whole = screen_with(&[], "j j 4 +5").await;
    assert!(whole.contains("grün & söhne"), "{whole}");
    for size in [1, 7] {
        let split = [LOGS, EVENTS, INSPECT, LIST].map(|operation| (operation, Wrong::Split(size)));
        assert_eq!(screen_with(&split, "j j 4 +5").await, whole, "pieces of {size}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_not_told_is_seen() {
    let sim = Stage::world().await;
    for word in ["\"kill\"", "\"die\"", "\"stop\""] {
        always(&sim, EVENTS, Wrong::Lost(word));
    }
    let mut stage = Stage::open(sim).await;
    behind_its_back(&stage.sim, "/containers/shop-api-1/kill").await;
    stage.until("✖ api       0/1  exited 137").await;
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_not_told_is_seen() {
    let sim = Stage::world().await;
    always(&sim, EVENTS, Wrong::Lost("\"start\""));
    let mut stage = Stage::open(sim).await;
    behind_its_back(&stage.sim, "/containers/shop-db-1/kill").await;
    stage.until("db        0/1  exited 137").await;
    behind_its_back(&stage.sim, "/containers/shop-db-1/start").await;
    stage.until("● db        1/1  running").await;
}

#[tokio::test(start_paused = true)]
async fn events_that_come_twice_are_told_once() {
    let sim = Stage::world().await;
    always(&sim, EVENTS, Wrong::Doubled("shop"));
    let mut stage = Stage::open(sim).await;
    behind_its_back(&stage.sim, "/containers/shop-worker-1/start").await;
    stage.press("+8").await;
    assert_eq!(stage.screen().matches("✖ worker-1 died").count(), 1, "{}", stage.screen());
    // What had happened before is asked for, and what happens.
    assert_eq!(stage.sim.befallen(), 2);
}

#[tokio::test(start_paused = true)]
async fn words_that_nobody_knows() {
    let mut stage = Stage::shop().await;
    always(&stage.sim, INSPECT, Wrong::Says("\"paused\"", "\"hibernating\""));
    behind_its_back(&stage.sim, "/containers/shop-api-1/pause").await;
    stage.until("hibernating").await;
    assert!(stage.line("● web").contains("healthy"), "{}", stage.screen());
    assert!(stage.line("? api").contains("hibernating"), "{}", stage.screen());
    behind_its_back(&stage.sim, "/containers/shop-api-1/unpause").await;
    stage.until("● api       1/1  running").await;
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_no_answers() {
    let sim = Stage::world().await;
    order(&sim, LIST, 1, Wrong::Says("[", "{"));
    let mut stage = Stage::open(sim).await;
    stage.until("● gateway   1/1  running").await;
    assert_eq!(stage.sim.befallen(), 1);
}

#[tokio::test(start_paused = true)]
async fn our_clock_jumps() {
    let mut stage = Stage::shop().await;
    stage.jumped = SignedDuration::from_hours(-3);
    stage.press("+2").await;
    assert!(stage.line("● gateway").contains(" 0s"), "no age is negative: {}", stage.screen());
    stage.jumped = SignedDuration::from_hours(5);
    stage.press("+2").await;
    assert!(stage.line("● gateway").contains(" 5h"), "{}", stage.screen());
    stage.jumped = SignedDuration::ZERO;
    stage.press("+2").await;
    assert!(stage.line("● gateway").contains(" 29s"), "{}", stage.screen());
}

#[tokio::test(start_paused = true)]
async fn the_engines_clock_jumps() {
    let mut stage = Stage::shop().await;
    let now = stage.sim.clock().now();
    stage.sim.clock().jump_to(now + Duration::from_hours(2));
    behind_its_back(&stage.sim, "/containers/shop-api-1/kill").await;
    stage.until("api       0/1  exited 137").await;
    // And back: what happens then is told though it is earlier than what was.
    stage.sim.clock().jump_to(now);
    behind_its_back(&stage.sim, "/containers/shop-db-1/kill").await;
    stage.until("db        0/1  exited 137").await;
    assert!(stage.screen().contains("db-1 was stopped"), "{}", stage.screen());
}
