//! Ports in their short form: `[[ip:]published:]target[/protocol]`, where both ports may be ranges.

use std::net::IpAddr;

use super::super::tree::{Node, Span, Value};
use super::{Fault, Turned};

/// The form, for those who miss it.
const PORT: &str = "`[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`";
/// What stands before and after the last colon.
const NUMBER: &str = "a port up to 65535, or a range such as 3000-3005";

/// Ports that one list may stand for.
const MOST: usize = 70_000;

/// The first and the last port of several.
type Range = (u32, u32);

/// A short form taken apart.
struct Spec<'a> {
    host_ip: &'a str,
    published: &'a str,
    target: &'a str,
    protocol: String,
}

/// Turns every short form of a list into the long forms it stands for. A range may stand for several, which come in the
/// order of their text, as Compose sorts them.
pub fn expand(items: &[Node], span: Span) -> Turned {
    let (mut ports, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.iter().enumerate() {
        if let Value::Float(_) = item.value {
            let text = item.raw.as_deref().unwrap_or_default();
            faults
                .push(Fault::new(format!("`{text}` has a point or an exponent"), PORT).of_item(index, item));
            continue;
        }
        match item.scalar_text().map(|text| parse(&text, item.span)) {
            Some(Ok(found)) if ports.len() + found.len() > MOST => {
                let fault = Fault::new(format!("these are more than {MOST} ports"), "narrower ranges");
                faults.push(fault.of_item(index, item));
                break;
            }
            Some(Ok(found)) => ports.extend(found),
            Some(Err(fault)) => faults.push(fault.of_item(index, item)),
            None => ports.push(item.clone()),
        }
    }
    Turned { node: Node::sequence(ports, span), faults }
}

/// What Docker Compose has against a list of which it cannot say yet what variables stand for: a target of 0, unless an
/// item that cannot be read keeps it from looking.
pub fn zero(items: &[Node]) -> Option<Fault> {
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        let Some(text) = item.scalar_text() else { continue };
        let (targets, _) = spec(&text).and_then(|spec| ranges(&spec)).ok()?;
        found = found.or_else(|| (targets.0 == 0).then(|| no_port("0").of_item(index, item)));
    }
    found
}

/// The target ports, 0 among them, and the published ones.
fn ranges(spec: &Spec<'_>) -> Result<(Range, Option<Range>), Fault> {
    let targets = range(spec.target).ok_or_else(|| no_port(spec.target))?;
    let published = match spec.published {
        "" => None,
        text => Some(range(text).ok_or_else(|| no_port(text))?),
    };
    let length = targets.1 - targets.0;
    if length > 0 && published.is_some_and(|(first, last)| last - first != length) {
        let what = format!("the ranges {} and {} are not of one length", spec.published, spec.target);
        return Err(Fault::new(what, "as many published ports as targets"));
    }
    Ok((targets, published))
}

fn parse(text: &str, span: Span) -> Result<Vec<Node>, Fault> {
    let spec = spec(text)?;
    let (targets, published) = ranges(&spec)?;
    if targets.0 == 0 {
        return Err(no_port(spec.target));
    }
    let wide = targets.1 > targets.0;
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
        Some(inner) => inner.ok_or_else(|| no_address(host_ip))?,
        None => host_ip,
    };
    if !host_ip.is_empty() && host_ip.parse::<IpAddr>().is_err() {
        return Err(no_address(host_ip));
    }
    if target.is_empty() {
        return Err(Fault::new(format!("`{text}` names no target"), PORT));
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(Fault::new(format!("`{protocol}` is no protocol"), "tcp, udp or sctp"));
    }
    Ok(Spec { host_ip, published, target, protocol })
}

fn no_port(text: &str) -> Fault {
    Fault::new(format!("`{text}` is no port"), NUMBER)
}

fn no_address(text: &str) -> Fault {
    Fault::new(format!("`{text}` is no IP address"), "an address such as 127.0.0.1 or [::1]")
}

/// `a` or `a-b`, with `a` not above `b`.
fn range(text: &str) -> Option<Range> {
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
            Err(fault) => fault.what,
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
        check("1-3:4-5", "the ranges 1-3 and 4-5 are not of one length");
        check("x", "`x` is no port");
        check("x:1", "`x` is no port");
        check("1.2.3:1:1", "`1.2.3` is no IP address");
        check("80/foo", "`foo` is no protocol");
        check("80:", "`80:` names no target");
    }
}
