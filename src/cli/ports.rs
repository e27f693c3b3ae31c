//! Ports as `docker ps` shows them.
//!
//! Pure: ports in, text out.

use crate::observed::ListedPort;

/// Neighbouring ports of one address that keep their numbers.
struct Group<'a> {
    address: &'a str,
    protocol: &'a str,
    first: u16,
    last: u16,
}

/// `7000-7001/tcp, 127.0.0.1:8080->80/tcp`: what keeps its number first, neighbours together, then the rest.
pub fn displayed(ports: &[ListedPort]) -> String {
    let mut ports: Vec<&ListedPort> = ports.iter().collect();
    ports.sort_by(|one, other| {
        let key =
            |port: &ListedPort| (port.private, port.address.clone(), port.public, port.protocol.clone());
        key(one).cmp(&key(other))
    });
    let mut done = Vec::new();
    let mut open: Vec<Group<'_>> = Vec::new();
    let mut mapped = Vec::new();
    for port in ports {
        if !port.address.is_empty() && port.public != port.private {
            let host = joined(&port.address, &port.public.to_string());
            mapped.push(format!("{host}->{}/{}", port.private, port.protocol));
            continue;
        }
        let is_its =
            |group: &&mut Group<'_>| group.address == port.address && group.protocol == port.protocol;
        match open.iter_mut().find(is_its) {
            Some(group) if port.private == group.last.saturating_add(1) => group.last = port.private,
            Some(group) => {
                done.push(group.text());
                (group.first, group.last) = (port.private, port.private);
            }
            None => open.push(Group {
                address: &port.address,
                protocol: &port.protocol,
                first: port.private,
                last: port.private,
            }),
        }
    }
    done.extend(open.iter().map(Group::text));
    done.extend(mapped);
    done.join(", ")
}

impl Group<'_> {
    fn text(&self) -> String {
        let range = if self.first == self.last {
            self.first.to_string()
        } else {
            format!("{}-{}", self.first, self.last)
        };
        if self.address.is_empty() {
            return format!("{range}/{}", self.protocol);
        }
        format!("{}->{range}/{}", joined(self.address, &range), self.protocol)
    }
}

/// An address and a port, an address of version 6 in brackets.
pub fn joined(address: &str, port: &str) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ports: &[(&str, u16, u16, &str)], expected: &str) {
        let ports: Vec<ListedPort> = ports
            .iter()
            .map(|(address, public, private, protocol)| ListedPort {
                address: (*address).to_owned(),
                private: *private,
                public: *public,
                protocol: (*protocol).to_owned(),
            })
            .collect();
        assert_eq!(displayed(&ports), expected);
    }

    #[test]
    fn neighbours_are_told_together() {
        check(&[], "");
        check(&[("", 0, 7000, "tcp"), ("", 0, 7001, "tcp"), ("", 0, 7003, "tcp")], "7000-7001/tcp, 7003/tcp");
        check(
            &[("0.0.0.0", 80, 80, "tcp"), ("::", 80, 80, "tcp"), ("0.0.0.0", 81, 81, "tcp")],
            "0.0.0.0:80-81->80-81/tcp, [::]:80->80/tcp",
        );
        check(
            &[("::", 45672, 81, "udp"), ("0.0.0.0", 45672, 81, "udp"), ("", 0, 7000, "tcp")],
            "7000/tcp, 0.0.0.0:45672->81/udp, [::]:45672->81/udp",
        );
    }
}
