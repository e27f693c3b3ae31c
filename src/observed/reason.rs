//! The engine's reasons without what it wraps them in.

/// What the engine puts before its reasons and nobody needs.
const WRAPPINGS: &[&str] = &[
    "Error response from daemon: ",
    "failed to create task for container: ",
    "failed to create shim task: ",
    "OCI runtime create failed: ",
    "runc create failed: ",
    "failed to set up container networking: ",
];

/// What stands before the name and the id of an endpoint, which say nothing either: `NAME (ID): ` follows.
const ENDPOINT: &str = "driver failed programming external connectivity on endpoint ";

/// The reason itself: `failed to bind host port for 127.0.0.1:4445: address already in use`.
pub fn plain_reason(message: &str) -> &str {
    let mut rest = message.trim();
    loop {
        let unwrapped = WRAPPINGS.iter().find_map(|wrapping| rest.strip_prefix(wrapping));
        let after_endpoint = || Some(rest.strip_prefix(ENDPOINT)?.split_once("): ")?.1);
        let Some(shorter) = unwrapped.or_else(after_endpoint) else { return rest };
        rest = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_lose_their_wrapping() {
        let message = "failed to create task for container: failed to create shim task: OCI runtime create failed: \
                       runc create failed: unable to start container process: exec: \"x\": not found";
        assert_eq!(plain_reason(message), "unable to start container process: exec: \"x\": not found");
        let message = "failed to set up container networking: driver failed programming external connectivity on \
                       endpoint shop-mail-1 (b6b7): failed to bind host port for 127.0.0.1:4445: address already in use";
        let reason = "failed to bind host port for 127.0.0.1:4445: address already in use";
        assert_eq!(plain_reason(message), reason);
        assert_eq!(plain_reason(" no such image "), "no such image");
    }
}
