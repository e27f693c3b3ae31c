//! The embedded engine on a socket, as a real one is reached, with the tests' image built in it from a context like theirs.

use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use dockside::sim::Sim;
use dockside::sim::clock::Clock;
use tempfile::TempDir;

use super::http::Request;
use crate::support::{BUSYBOX, DOCKERFILE, context};

/// Where it listens. It is the same for all tests, and ends with them.
pub fn embedded() -> &'static str {
    static HOST: OnceLock<(TempDir, String)> = OnceLock::new();
    &HOST.get_or_init(start).1
}

fn start() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("engine.sock");
    let host = format!("unix://{}", socket.display());
    thread::spawn(move || serve(&socket));
    while std::os::unix::net::UnixStream::connect(host.trim_start_matches("unix://")).is_err() {
        thread::yield_now();
    }
    let files: [(&str, &[u8]); 2] = [("Dockerfile", DOCKERFILE.as_bytes()), ("busybox", b"busybox")];
    let build =
        Request::new("POST", &format!("/build?t={BUSYBOX}")).body("application/x-tar", context(&files));
    let answer = build.send(&host);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    (folder, host)
}

fn serve(socket: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sim = Sim::new(Clock::real(), 1);
    let served = runtime.block_on(async { tokio::join!(sim.listen(socket), sim.run()).0 });
    served.unwrap();
}
