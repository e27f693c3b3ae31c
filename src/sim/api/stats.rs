//! `GET /containers/{}/stats` and `/top`: what programs use, by their curves.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::clock::Moment;
use super::super::program::{Process, Usage};
use super::super::server::Ask;
use super::super::stamp::{or_never, rfc3339};
use super::super::world::World;
use super::super::world::container::{Container, Endpoint, Phase};
use super::system::{MACHINE_MEMORY, PROCESSORS};

/// How often a stream of figures has new ones.
const SECOND: Duration = Duration::from_secs(1);

/// A reading, and when it was taken.
type Reading = (Moment, Usage);

/// `GET /containers/{}/stats`
pub(in super::super) async fn stats(ask: Ask) -> Reply {
    let id = ask.sim.with(|world| world.id_of(ask.name()))?;
    if ask.query.flag_or_on("stream") {
        let state = (ask.sim.clone(), id, None::<Reading>);
        return Ok(Answer::stream(
            "application/json",
            stream::unfold(state, |(sim, id, before)| async move {
                if let Some((at, _)) = before {
                    sim.clock().sleep_until(at + SECOND).await;
                }
                let (value, reading) = sim.with(|world| reading(world, &id, before))?;
                Some((Bytes::from(format!("{value}\n")), (sim, id, Some(reading))))
            }),
        ));
    }
    let before = if ask.query.flag("one-shot") { None } else { Some(wait_for_second(&ask.sim, &id).await?) };
    let (value, _) = ask
        .sim
        .with(|world| reading(world, &id, before))
        .ok_or_else(|| super::super::world::no_such_container(ask.name()))?;
    Ok(Answer::json(&value))
}

/// The figures of now, given a second later: without `one-shot` the engine takes two.
async fn wait_for_second(sim: &Sim, id: &str) -> Result<Reading, Refusal> {
    let found = sim.with(|world| reading(world, id, None));
    let (_, reading) = found.ok_or_else(|| super::super::world::no_such_container(id))?;
    sim.clock().sleep_until(reading.0 + SECOND).await;
    Ok(reading)
}

fn reading(world: &World, id: &str, before: Option<Reading>) -> Option<(Value, Reading)> {
    let container = world.containers.get(id)?;
    let now = world.now;
    let usage = usage(container, now);
    let reading = (now, usage.unwrap_or_default());
    let (at_before, usage_before) = before.map_or((None, None), |(at, usage)| (Some(at), Some(usage)));
    let mut value = json!({
        "read": if usage.is_some() { rfc3339(now) } else { super::super::stamp::NEVER.to_owned() },
        "preread": or_never(at_before),
        "pids_stats": if usage.is_some() { json!({ "current": 1 }) } else { json!({}) },
        "blkio_stats": { "io_service_bytes_recursive": null },
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": cpu(usage, now),
        "precpu_stats": cpu(usage_before, at_before.unwrap_or_default()),
        "memory_stats": usage.map_or_else(|| json!({}), |usage| memory(container, usage)),
    });
    // A first reading does not say whose it is.
    if usage.is_none() || before.is_some() {
        value["name"] = json!(format!("/{}", container.name));
        value["id"] = json!(container.id);
    }
    let has_address =
        |endpoint: &Endpoint| endpoint.attached.as_ref().is_some_and(|it| !it.address.is_empty());
    if let Some(usage) = usage.filter(|_| container.endpoints.iter().any(has_address)) {
        value["networks"] = json!({ "eth0": {
            "rx_bytes": usage.received, "rx_packets": usage.received / 900, "rx_errors": 0, "rx_dropped": 0,
            "tx_bytes": usage.sent, "tx_packets": usage.sent / 900, "tx_errors": 0, "tx_dropped": 0,
        }});
    }
    Some((value, reading))
}

fn usage(container: &Container, now: Moment) -> Option<Usage> {
    let at = match container.phase() {
        Phase::Running => now,
        Phase::Paused => container.life.paused?,
        _ => return None,
    };
    let (process, started) = (container.life.process.as_ref()?, container.life.started?);
    Some(process.usage(started, at))
}

fn cpu(usage: Option<Usage>, now: Moment) -> Value {
    let Some(usage) = usage else {
        return json!({ "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 },
            "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 } });
    };
    let total = usage.cpu.as_nanos() as u64;
    json!({
        "cpu_usage": { "total_usage": total, "usage_in_kernelmode": total / 4, "usage_in_usermode": total - total / 4 },
        "system_cpu_usage": now.0.rem_euclid(1_000_000_000_000_000) as u64 * PROCESSORS,
        "online_cpus": PROCESSORS,
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

fn memory(container: &Container, usage: Usage) -> Value {
    let cache = 256 * 1024;
    json!({
        "usage": usage.memory + cache,
        "stats": { "inactive_file": cache, "active_file": 0, "anon": usage.memory, "file": cache },
        "limit": container.memory_limit().unwrap_or(MACHINE_MEMORY),
    })
}

/// `GET /containers/{}/top`
pub(in super::super) async fn top(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| {
        let container = world.find(ask.name())?;
        let id = container.id.clone();
        let phase = container.phase();
        if !phase.is_running() {
            return Err(Refusal::conflict(format!("container {id} is not running")));
        }
        if phase == Phase::Restarting {
            let why = "is restarting, wait until the container is running";
            return Err(Refusal::conflict(format!("Container {id} {why}")));
        }
        let pid = container.life.pid;
        let started = container.life.started.unwrap_or_default().timestamp().strftime("%H:%M").to_string();
        let commands = container.life.process.as_ref().map(Process::processes).unwrap_or_default();
        let row = |(index, command): (usize, &String)| {
            let parent = if index == 0 { pid.saturating_sub(20) } else { pid };
            let own = pid + index as u32;
            json!(["root", own.to_string(), parent.to_string(), "0", started, "?", "00:00:00", command])
        };
        let rows: Vec<Value> = commands.iter().enumerate().map(row).collect();
        world.tell(&id, "top", &[]);
        Ok(json!({
            "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"], "Processes": rows,
        }))
    })?;
    Ok(Answer::json(&value))
}
