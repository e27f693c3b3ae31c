//! Ports in their short form: `[[ip:]published:]target[/protocol]`, where both ports may be ranges.

use std::net::IpAddr;

use super::super::tree::{Node, Span, Value};
use super::Fault;

/// A short form taken apart.
struct Spec<'a> {
    host_ip: &'a str,
    published: &'a str,
    target: &'a str,
    protocol: String,
}

/// Turns every short form of a list into the long forms it stands for. A range may stand for several, which come in the
/// order of their text, as Compose sorts them.
pub fn expand(items: &[Node], span: Span) -> Result<Node, Fault> {
    let mut ports = Vec::with_capacity(items.len());
    for item in items {
        match item.scalar_text() {
            Some(text) => ports.extend(parse(&text, item.span)?),
            None => ports.push(item.clone()),
        }
    }
    Ok(Node::sequence(ports, span))
}

fn parse(text: &str, span: Span) -> Result<Vec<Node>, Fault> {
    let spec = spec(text)?;
    let targets = range(spec.target).ok_or_else(|| format!("invalid containerPort: {}", spec.target))?;
    let published = match spec.published {
        "" => None,
        text => Some(range(text).ok_or_else(|| format!("invalid hostPort: {text}"))?),
    };
    let wide = targets.1 > targets.0;
    if wide && published.is_some_and(|(first, last)| last - first != targets.1 - targets.0) {
        return Err(format!(
            "invalid ranges specified for container and host Ports: {} and {}",
            spec.target, spec.published
        ));
    }
    let mut numbers: Vec<u32> = (targets.0..=targets.1).collect();
    numbers.sort_by_key(u32::to_string);
    let port = |target: u32| {
        let host = published.map(|(first, last)| {
            let first = first + target - targets.0;
            if wide || first == last { first.to_string() } else { format!("{first}-{last}") }
        });
        long_form(&spec, target, host, span)
    };
    Ok(numbers.into_iter().map(port).collect())
}

fn spec(text: &str) -> Result<Spec<'_>, Fault> {
    let (rest, container) = text.rsplit_once(':').map_or((None, text), |(rest, last)| (Some(rest), last));
    let (host_ip, published) = match rest {
        None => ("", ""),
        Some(rest) => rest.rsplit_once(':').unwrap_or(("", rest)),
    };
    let (target, protocol) = match container.split_once('/') {
        None | Some((_, "")) => (container.trim_end_matches('/'), "tcp".to_owned()),
        Some((target, protocol)) => (target, protocol.to_lowercase()),
    };
    let bracketed = host_ip.strip_prefix('[').map(|rest| rest.strip_suffix(']'));
    let host_ip = match bracketed {
        Some(inner) => inner.ok_or_else(|| format!("invalid IP address {host_ip}"))?,
        None => host_ip,
    };
    if !host_ip.is_empty() && host_ip.parse::<IpAddr>().is_err() {
        return Err(format!("invalid IP address: {host_ip}"));
    }
    if target.is_empty() {
        return Err(format!("no port specified: {text}<empty>"));
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {protocol}"));
    }
    Ok(Spec { host_ip, published, target, protocol })
}

/// `a` or `a-b`, with `a` not above `b`.
fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse::<u16>().ok()?, last.parse::<u16>().ok()?);
    (first <= last).then_some((first.into(), last.into()))
}

fn long_form(spec: &Spec<'_>, target: u32, published: Option<String>, span: Span) -> Node {
    let text = |text: &str| Node::string(text, span);
    let mut fields = vec![("mode", text("ingress"))];
    if !spec.host_ip.is_empty() {
        fields.push(("host_ip", text(spec.host_ip)));
    }
    fields.push(("target", Node::new(Value::Int(target.into()), span)));
    if let Some(published) = published {
        fields.push(("published", text(&published)));
    }
    fields.push(("protocol", text(&spec.protocol)));
    Node::mapping(fields, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match parse(text, Span::default()) {
            Err(fault) => fault,
            Ok(ports) => {
                let field = |port: &Node, key| port.get(key).and_then(Node::scalar_text).unwrap_or_default();
                let line = |port: &Node| {
                    let fields = ["host_ip", "published", "target"].map(|key| field(port, key));
                    format!("{}/{}", fields.join(":"), field(port, "protocol"))
                };
                ports.iter().map(line).collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn short_forms() {
        check("80", "::80/tcp");
        check("9-10", "::10/tcp ::9/tcp");
        check("8080:80/UDP", ":8080:80/udp");
        check("1.2.3.4:5-6:7-8", "1.2.3.4:5:7/tcp 1.2.3.4:6:8/tcp");
        check("12400-12500:1240", ":12400-12500:1240/tcp");
        check("[::1]:90:90", "::1:90:90/tcp");
        check("127.0.0.1::53", "127.0.0.1::53/tcp");
        check("1-3:4-5", "invalid ranges specified for container and host Ports: 4-5 and 1-3");
        check("x", "invalid containerPort: x");
        check("x:1", "invalid hostPort: x");
        check("1.2.3:1:1", "invalid IP address: 1.2.3");
        check("80/foo", "invalid proto: foo");
        check("80:", "no port specified: 80:<empty>");
    }
}
