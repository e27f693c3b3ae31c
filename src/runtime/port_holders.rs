//! Who listens on a host port, from /proc. Linux only; elsewhere nobody is named.
//!
//! It is asked only where the engine's host is this machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::app::PortHolder;

/// The socket state "listen" in /proc/net/tcp; udp sockets that are bound are in state "close".
const LISTEN: &str = "0A";
const UDP_BOUND: &str = "07";

/// Finds the holders of these ports, each with its protocol. Reads /proc, so call it where blocking is allowed. A port
/// that nobody listens on is left out; a process that may not be looked at stays unnamed.
pub fn find(wanted: &[(u16, String)]) -> Vec<PortHolder> {
    let mut sockets = BTreeMap::new();
    for (file, protocol, state) in [
        ("/proc/net/tcp", "tcp", LISTEN),
        ("/proc/net/tcp6", "tcp", LISTEN),
        ("/proc/net/udp", "udp", UDP_BOUND),
        ("/proc/net/udp6", "udp", UDP_BOUND),
    ] {
        // A kernel without IPv6 has no such file.
        let table = fs::read_to_string(file).unwrap_or_default();
        for (port, inode) in listeners(&table, state) {
            if wanted.iter().any(|(number, name)| *number == port && name == protocol) {
                sockets.insert(inode, (port, protocol));
            }
        }
    }
    let processes = if sockets.is_empty() { BTreeMap::new() } else { owners(&sockets) };
    let mut holders: Vec<PortHolder> = sockets
        .iter()
        .map(|(inode, (port, protocol))| PortHolder {
            port: *port,
            protocol: (*protocol).to_owned(),
            process: processes.get(inode).cloned(),
        })
        .collect();
    holders.sort_by(|a, b| {
        (a.port, &a.protocol, a.process.is_none()).cmp(&(b.port, &b.protocol, b.process.is_none()))
    });
    holders.dedup_by(|later, first| later.port == first.port && later.protocol == first.protocol);
    holders
}

/// The (port, inode) pairs of a table in the form of /proc/net/tcp that are in `state`.
fn listeners(table: &str, state: &str) -> Vec<(u16, u64)> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let port = fields.get(1)?.rsplit(':').next()?;
            let inode = fields.get(9)?.parse().ok()?;
            (*fields.get(3)? == state)
                .then(|| u16::from_str_radix(port, 16).ok())
                .flatten()
                .map(|port| (port, inode))
        })
        .collect()
}

/// The name and id of the process behind each socket, as far as this user may see it.
fn owners(sockets: &BTreeMap<u64, (u16, &str)>) -> BTreeMap<u64, (String, u32)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        for inode in sockets_of(&entry.path()) {
            if sockets.contains_key(&inode) {
                let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
                found.entry(inode).or_insert_with(|| (name.trim().to_owned(), id));
            }
        }
    }
    found
}

fn sockets_of(process: &Path) -> Vec<u64> {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return Vec::new() };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter_map(|target| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:115C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0\n\
            1: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 31338 1 0\n\
            garbage\n";
        assert_eq!(listeners(table, LISTEN), [(4444, 31337)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn finds_a_listener_of_this_process() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let holders = find(&[(port, "tcp".to_owned())]);
        assert_eq!(holders.len(), 1);
        assert_eq!(holders[0].process.as_ref().map(|(_, id)| *id), Some(std::process::id()));
    }
}
