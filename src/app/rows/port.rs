//! The Ports pane: the published ports of the selected service, as addresses that one can open or copy.

use std::net::IpAddr;

use super::{PortKey, PortRow, PortState};
use crate::app::{App, Link};
use crate::compose::model::Port;
use crate::observed::{Container, PublishedPort};

/// Ports behind which a browser finds something, unless settings say otherwise. Only these become links: a link that opens
/// nothing is worse than none.
pub const WEB_PORTS: [u16; 22] = [
    80, 443, 3000, 3001, 4000, 4200, 5000, 5173, 5601, 8000, 8008, 8025, 8080, 8081, 8088, 8090, 8443, 8888,
    9000, 9001, 9090, 15672,
];

/// The rows of the pane: what is bound, then what the file wants and is not.
pub fn ports(app: &App) -> Vec<PortRow> {
    let mut rows: Vec<PortRow> = Vec::new();
    for container in app.selected_containers().into_iter().filter(|one| one.state.is_alive()) {
        for port in container.ports.iter().filter(|port| port.published.is_some()) {
            let row = bound(app, container, port);
            // The engine lists a port once for each address family; for the eye they are one.
            let is_same = |known: &PortRow| {
                known.address == row.address && known.target == row.target && known.container == row.container
            };
            if !rows.iter().any(is_same) {
                rows.push(row);
            }
        }
    }
    if let Some(service) = app.selected_service() {
        let wanted = service.ports.iter().filter_map(|port| missing(app, &service.name, port, &rows));
        let wanted: Vec<PortRow> = wanted.collect();
        rows.extend(wanted);
    }
    rows
}

fn bound(app: &App, container: &Container, port: &PublishedPort) -> PortRow {
    let host_ip = port.host_ip.filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string()).unwrap_or_default();
    let published = port.published.unwrap_or_default();
    let (address, is_link) = address(app, &host_ip, published, port.target, &port.protocol);
    let key = PortKey {
        owner: container.name.clone(),
        target: port.target,
        protocol: port.protocol.clone(),
        published: port.published,
        host_ip,
    };
    PortRow {
        key,
        address,
        is_link,
        container: app.short_name(container),
        target: format!("{}/{}", port.target, port.protocol),
        state: PortState::Listening,
    }
}

/// The row of a port that the file wants on a certain host port and that no container of the service has.
fn missing(app: &App, service: &str, port: &Port, rows: &[PortRow]) -> Option<PortRow> {
    let published: u16 = port.published.as_deref()?.parse().ok()?;
    let protocol = port.protocol.as_deref().unwrap_or("tcp");
    if rows.iter().any(|row| row.key.published == Some(published) && row.key.protocol == protocol) {
        return None;
    }
    let host_ip = port.host_ip.clone().filter(|ip| !is_unspecified(ip)).unwrap_or_default();
    let target = port.target as u16;
    let (address, is_link) = address(app, &host_ip, published, target, protocol);
    Some(PortRow {
        key: PortKey {
            owner: service.to_owned(),
            target,
            protocol: protocol.to_owned(),
            published: Some(published),
            host_ip,
        },
        address,
        is_link,
        container: service.to_owned(),
        target: format!("{target}/{protocol}"),
        state: holder(app, published, protocol).map_or(PortState::NotBound, PortState::Taken),
    })
}

fn is_unspecified(ip: &str) -> bool {
    ip.is_empty() || ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified())
}

/// Who holds a host port: a container, or what was found on the host.
fn holder(app: &App, published: u16, protocol: &str) -> Option<String> {
    let holds = |container: &&Container| {
        let same = |port: &PublishedPort| port.published == Some(published) && port.protocol == protocol;
        container.state.is_alive() && container.ports.iter().any(same)
    };
    if let Some(container) = app.engine.containers.values().find(holds) {
        return Some(container.name.clone());
    }
    let found = app.port_holders.get(&(published, protocol.to_owned()))?;
    Some(match &found.process {
        Some((name, id)) => format!("{name} (pid {id})"),
        None => "another process".to_owned(),
    })
}

fn address(app: &App, host_ip: &str, published: u16, target: u16, protocol: &str) -> (String, bool) {
    let host = if host_ip.is_empty() { engine_host(app) } else { host_ip.to_owned() };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let is_link =
        protocol == "tcp" && [target, published].iter().any(|port| app.options.web_ports.contains(port));
    let scheme = match () {
        () if !is_link => "",
        () if [443, 8443].contains(&target) => "https://",
        () => "http://",
    };
    (format!("{scheme}{host}:{published}"), is_link)
}

/// The host whose ports these are: this machine, or that of a remote engine's endpoint.
fn engine_host(app: &App) -> String {
    let here = || "localhost".to_owned();
    let Link::Connected(info) = &app.engine.link else { return here() };
    if info.local {
        return here();
    }
    let Some((_, rest)) = info.endpoint.split_once("://") else { return here() };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // What follows the last colon is the port, unless an address in brackets ends there.
    let host = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => host,
    };
    if host.is_empty() { here() } else { host.trim_matches(['[', ']']).to_owned() }
}
