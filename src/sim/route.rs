//! The one table of operations: method and path → handler.
//!
//! A part in braces is one segment of the path; with a star it may be several, as an image's name may be.

use std::future::Future;
use std::pin::Pin;

use hyper::Method;

use super::answer::Reply;
use super::api::{
    archive, attach, build, containers, events, exec, images, lifecycle, logs, networks, pull, stats, system,
    volumes,
};
use super::server::Ask;

pub(super) type Handler = fn(Ask) -> Pin<Box<dyn Future<Output = Reply> + Send>>;

/// A line of the table.
pub(super) struct Route {
    method: Method,
    pattern: &'static str,
    pub(super) handler: Handler,
}

impl Route {
    /// What it serves, as `GET /containers/{}/json`.
    pub(super) fn operation(&self) -> String {
        format!("{} {}", self.method, self.pattern.replace("{*}", "{}"))
    }
}

/// Lines of the table: method, pattern, handler.
macro_rules! routes {
    ($($method:ident $pattern:literal $handler:path,)*) => {
        &[$(Route { method: Method::$method, pattern: $pattern, handler: |ask| Box::pin($handler(ask)) }),*]
    };
}

/// Every operation that is served.
const ROUTES: &[Route] = routes![
    GET "/_ping" system::ping,
    HEAD "/_ping" system::ping,
    GET "/version" system::version,
    GET "/info" system::info,
    GET "/events" events::events,
    GET "/containers/json" containers::list,
    POST "/containers/create" containers::create,
    GET "/containers/{}/json" containers::inspect,
    GET "/containers/{}/top" stats::top,
    GET "/containers/{}/logs" logs::logs,
    GET "/containers/{}/stats" stats::stats,
    POST "/containers/{}/start" lifecycle::start,
    POST "/containers/{}/stop" lifecycle::stop,
    POST "/containers/{}/restart" lifecycle::restart,
    POST "/containers/{}/kill" lifecycle::kill,
    POST "/containers/{}/pause" lifecycle::pause,
    POST "/containers/{}/unpause" lifecycle::unpause,
    POST "/containers/{}/rename" containers::rename,
    POST "/containers/{}/update" containers::update,
    POST "/containers/{}/wait" lifecycle::wait,
    POST "/containers/{}/attach" attach::attach,
    POST "/containers/{}/resize" attach::resize,
    GET "/containers/{}/archive" archive::get,
    HEAD "/containers/{}/archive" archive::get,
    PUT "/containers/{}/archive" archive::put,
    POST "/containers/{}/exec" exec::create,
    POST "/exec/{}/start" exec::start,
    POST "/exec/{}/resize" exec::resize,
    GET "/exec/{}/json" exec::inspect,
    DELETE "/containers/{}" lifecycle::remove,
    GET "/images/json" images::list,
    GET "/images/{*}/json" images::inspect,
    POST "/images/create" pull::pull,
    POST "/images/{*}/tag" images::tag,
    DELETE "/images/{*}" images::remove,
    POST "/build" build::build,
    GET "/networks" networks::list,
    GET "/networks/{}" networks::inspect,
    POST "/networks/create" networks::create,
    POST "/networks/{}/connect" networks::connect,
    POST "/networks/{}/disconnect" networks::disconnect,
    DELETE "/networks/{}" networks::remove,
    GET "/volumes" volumes::list,
    POST "/volumes/create" volumes::create,
    GET "/volumes/{}" volumes::inspect,
    DELETE "/volumes/{}" volumes::remove,
];

/// Every operation that is served, as `GET /containers/{}/json`.
pub fn operations() -> impl Iterator<Item = String> {
    ROUTES.iter().map(Route::operation)
}

/// The line for a request, and what stands in the braces.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Option<(&'static Route, Vec<&'a str>)> {
    let mut found = ROUTES.iter().filter(|route| route.method == method);
    found.find_map(|route| Some((route, matches(route.pattern, path)?)))
}

fn matches<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return (path.trim_end_matches('/') == pattern).then(Vec::new);
    };
    let (kind, after) = rest.split_once('}')?;
    let part = path.strip_prefix(before)?.strip_suffix(after)?;
    (!part.is_empty() && (kind == "*" || !part.contains('/'))).then(|| vec![part])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_one_segment_and_those_of_images_several() {
        assert_eq!(matches("/containers/{}/json", "/containers/a/json"), Some(vec!["a"]));
        assert_eq!(matches("/containers/{}/json", "/containers/a/b/json"), None);
        assert_eq!(matches("/containers/{}/json", "/containers//json"), None);
        assert_eq!(matches("/images/{*}/json", "/images/host:5000/a/b/json"), Some(vec!["host:5000/a/b"]));
        assert_eq!(matches("/networks", "/networks/"), Some(vec![]));
        assert!(find(&Method::GET, "/containers/json").is_some());
        assert!(find(&Method::PUT, "/containers/json").is_none());
    }
}
