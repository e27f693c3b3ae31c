//! The verbs on containers, and waiting for their end.

use serde_json::json;

use super::super::answer::{Answer, Refusal, Reply};
use super::super::server::Ask;
use super::super::world::create::Removal;
use super::super::world::lifecycle::{Effect, Stop};

/// `POST /containers/{}/start`
pub(in super::super) async fn start(ask: Ask) -> Reply {
    let effect = ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        world.start(&id)
    })?;
    Ok(if effect == Effect::Changed { Answer::done() } else { Answer::unchanged() })
}

/// `POST /containers/{}/stop`: answers when it has ended.
pub(in super::super) async fn stop(ask: Ask) -> Reply {
    end(ask, false).await
}

/// `POST /containers/{}/restart`: answers when it runs again.
pub(in super::super) async fn restart(ask: Ask) -> Reply {
    end(ask, true).await
}

async fn end(ask: Ask, restarts: bool) -> Reply {
    let stop =
        Stop { timeout: ask.query.number("t"), signal: ask.query.get("signal").map(str::to_owned), restarts };
    let (effect, mut pulse, ends) = ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        let pulse = world.find(&id)?.pulse.subscribe();
        let ends = pulse.borrow().ends;
        Ok::<_, Refusal>((world.stop(&id, &stop)?, pulse, ends))
    })?;
    if effect == Effect::Nothing {
        return Ok(if restarts { Answer::done() } else { Answer::unchanged() });
    }
    // One that waits for its restart has ended already.
    let _ = pulse.wait_for(|now| now.is_removed || now.ends > ends || !now.is_running).await;
    Ok(Answer::done())
}

/// `POST /containers/{}/kill`
pub(in super::super) async fn kill(ask: Ask) -> Reply {
    let signal = ask.query.get("signal").unwrap_or("SIGKILL");
    ask.sim.with(|world| {
        let killed = world.id_of(ask.name()).and_then(|id| world.kill(&id, signal));
        killed.map_err(|Refusal { status, message }| {
            let message = format!("cannot kill container: {}: {message}", ask.name());
            Refusal { status, message }
        })
    })?;
    Ok(Answer::done())
}

/// `POST /containers/{}/pause`
pub(in super::super) async fn pause(ask: Ask) -> Reply {
    ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        world.pause(&id)
    })?;
    Ok(Answer::done())
}

/// `POST /containers/{}/unpause`
pub(in super::super) async fn unpause(ask: Ask) -> Reply {
    ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        world.unpause(&id)
    })?;
    Ok(Answer::done())
}

/// `DELETE /containers/{}`
pub(in super::super) async fn remove(ask: Ask) -> Reply {
    let removal = Removal { force: ask.query.flag("force"), volumes: ask.query.flag("v") };
    ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        world.remove(&id, removal)
    })?;
    Ok(Answer::done())
}

/// `POST /containers/{}/wait`: the headers at once, the body when it has come to pass.
pub(in super::super) async fn wait(ask: Ask) -> Reply {
    let condition = ask.query.get("condition").unwrap_or("not-running").to_owned();
    if !matches!(condition.as_str(), "not-running" | "next-exit" | "removed") {
        return Err(Refusal::bad(format!("invalid condition: \"{condition}\"")));
    }
    let mut pulse = ask.sim.with(|world| Ok::<_, Refusal>(world.find(ask.name())?.pulse.subscribe()))?;
    let begun = *pulse.borrow();
    let code = async move {
        let ended = pulse.wait_for(|now| match condition.as_str() {
            "next-exit" => now.ends > begun.ends || now.is_removed,
            "removed" => now.is_removed,
            _ => !now.is_running || now.is_removed,
        });
        let code = ended.await.map_or(0, |now| now.exit_code);
        bytes::Bytes::from(format!("{}\n", json!({ "StatusCode": code })))
    };
    Ok(Answer::stream("application/json", futures::stream::once(code)))
}
