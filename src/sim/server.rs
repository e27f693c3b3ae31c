//! HTTP/1 over any stream: the version before the path, the headers of every answer, and connections that are handed over.
//!
//! It knows no operation; [`super::route`] does.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderName, HeaderValue, SERVER};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{Answer, Body, Refusal, Reply};
use super::faults::{self, Wrong};
use super::query::{Query, decode};
use super::{NEWEST_API, OLDEST_API, Sim, VERSION, route};

/// The largest body that is read whole: a build context of the sample project has a few kilobytes, one with a busybox two
/// megabytes.
const BODY_LIMIT: usize = 256 * 1024 * 1024;
/// How long a connection may keep its headers to itself.
const HEADER_LIMIT: Duration = Duration::from_secs(30);

/// A request on its way to its handler.
#[allow(dead_code, reason = "images, builds and programs from data come with their handlers")]
pub(super) struct Ask {
    /// The engine that is asked.
    pub(super) sim: Sim,
    /// What stands in the pattern's braces, decoded.
    pub(super) parts: Vec<String>,
    /// The query.
    pub(super) query: Query,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The API version of the path, or the newest.
    pub(super) api: (u32, u32),
    /// Whether the client asks for the connection to be handed over.
    pub(super) wants_upgrade: bool,
    body: Incoming,
}

impl Ask {
    /// The first part in braces: a name or id.
    pub(super) fn name(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// The whole body.
    pub(super) async fn bytes(self) -> Result<bytes::Bytes, Refusal> {
        let body = http_body_util::Limited::new(self.body, BODY_LIMIT);
        let collected = body.collect().await.map_err(|error| Refusal::bad(error.to_string()))?;
        Ok(collected.to_bytes())
    }

    /// The body as JSON, null where it is empty; and the request without it.
    pub(super) async fn json(self) -> Result<(Value, Sim, Query), Refusal> {
        let (sim, query) = (self.sim.clone(), self.query.clone());
        let bytes = self.bytes().await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok((Value::Null, sim, query));
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let why = if error.is_eof() { "unexpected EOF".to_owned() } else { error.to_string() };
            Refusal::bad(format!("invalid JSON: {why}"))
        })?;
        Ok((value, sim, query))
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(sim: Sim, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
    let asked = sim.clone();
    let service = service_fn(move |request| answer(asked.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .auto_date_header(false)
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        // A client that breaks off is no fault of the engine's.
        _ = connection => {}
        () = sim.gone() => {}
    }
}

/// Answers a request; an error breaks the connection.
async fn answer(sim: Sim, mut request: Request<Incoming>) -> io::Result<Response<Body>> {
    let upgrade = hyper::upgrade::on(&mut request);
    let mut answer = spoiled(&sim, request).await?;
    if let Some(takeover) = answer.takeover.take() {
        tokio::spawn(hand_over(sim.clone(), upgrade, takeover));
    }
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    add_headers(&sim, response.headers_mut());
    Ok(response)
}

/// The answer, with what was ordered to go wrong with it.
async fn spoiled(sim: &Sim, request: Request<Incoming>) -> io::Result<Answer> {
    let wrongs = wrongs(sim, &request);
    for delay in wrongs.iter().filter_map(Wrong::delay) {
        sim.clock().sleep_until(sim.clock().now() + delay).await;
    }
    if wrongs.iter().any(Wrong::hangs_up) {
        return Err(faults::broken());
    }
    if let Some(refusal) = wrongs.iter().find_map(Wrong::refusal) {
        return Ok(refusal.into());
    }
    let answer = dispatch(sim, request).await.unwrap_or_else(Answer::from);
    Ok(wrongs.iter().fold(answer, |answer, wrong| wrong.spoil(answer)))
}

/// What befalls this call.
fn wrongs(sim: &Sim, request: &Request<Incoming>) -> Vec<Wrong> {
    let path = split_version(request.uri().path()).map(|(_, path)| path);
    let route = path.ok().and_then(|path| route::find(request.method(), path));
    route.map(|(route, _)| sim.inner.faults.of_call(&route.operation())).unwrap_or_default()
}

async fn hand_over(sim: Sim, upgrade: OnUpgrade, takeover: super::answer::Takeover) {
    // A client that does not take the connection over has gone.
    if let Ok(upgraded) = upgrade.await {
        tokio::select! {
            () = takeover(TokioIo::new(upgraded)) => {}
            () = sim.gone() => {}
        }
    }
}

fn add_headers(sim: &Sim, headers: &mut HeaderMap) {
    for (name, value) in [
        (HeaderName::from_static("api-version"), "1.51"),
        (HeaderName::from_static("docker-experimental"), "false"),
        (HeaderName::from_static("ostype"), "linux"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let date = sim.clock().now().timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, text) in [(DATE, date), (SERVER, format!("Dockside/{VERSION} (embedded)"))] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

async fn dispatch(sim: &Sim, request: Request<Incoming>) -> Reply {
    let (parts, body) = request.into_parts();
    let (api, path) = match split_version(parts.uri.path()) {
        Ok(found) => found,
        // The one error that is no JSON: clients so old knew none.
        Err(Refusal { status, message }) if message.contains("too old") => {
            return Ok(Answer { status, ..Answer::bytes("text/plain; charset=utf-8", message) });
        }
        Err(refusal) => return Err(refusal),
    };
    let Some((route, found)) = route::find(&parts.method, path) else {
        return Err(Refusal::missing("page not found"));
    };
    let wants_upgrade = parts.headers.contains_key(hyper::header::UPGRADE);
    (route.handler)(Ask {
        sim: sim.clone(),
        parts: found.iter().map(|part| decode(part)).collect(),
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        api,
        wants_upgrade,
        body,
    })
    .await
}

/// `/v1.43/info` → ((1, 43), `/info`).
fn split_version(path: &str) -> Result<((u32, u32), &str), Refusal> {
    let parsed = path.strip_prefix("/v").and_then(|rest| {
        let (version, _) = rest.split_once('/')?;
        let (major, minor) = version.split_once('.')?;
        Some((version, (major.parse().ok()?, minor.parse().ok()?)))
    });
    let Some((text, api)) = parsed else { return Ok((NEWEST_API, path)) };
    let (newest, oldest) = (format!("{}.{}", NEWEST_API.0, NEWEST_API.1), OLDEST_API);
    if api > NEWEST_API {
        let message = format!("client version {text} is too new. Maximum supported API version is {newest}");
        return Err(Refusal::bad(message));
    }
    if api < oldest {
        return Err(Refusal::bad(format!(
            "client version {text} is too old. Minimum supported API version is {}.{}, please upgrade your client to a newer version",
            oldest.0, oldest.1
        )));
    }
    Ok((api, &path["/v".len() + text.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_off_and_checked() {
        assert_eq!(split_version("/v1.41/containers/json").unwrap(), ((1, 41), "/containers/json"));
        assert_eq!(split_version("/volumes/create").unwrap(), (NEWEST_API, "/volumes/create"));
        assert!(split_version("/v1.52/info").unwrap_err().message.contains("too new"));
        assert!(split_version("/v1.20/info").unwrap_err().message.contains("too old"));
    }
}
