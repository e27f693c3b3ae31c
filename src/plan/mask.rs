//! The one rule by which values are hidden: a name that looks like a secret's hides its value (invariant 11).

/// What stands in place of a hidden value.
pub const MASK: &str = "••••••";

/// Parts of names whose values nobody should read over a shoulder.
const TELLING: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "credential",
    "auth",
];

/// Last words of names that are secret only as a whole word: `DB_PASS`, `SSH_KEY`, `SENTRY_DSN`.
const TELLING_LAST_WORDS: &[&str] = &["pass", "pw", "pwd", "key", "dsn", "pat"];

/// Whether a variable's, label's or option's name says that its value is a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let last_word = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
    TELLING.iter().any(|part| name.contains(part)) || TELLING_LAST_WORDS.contains(&last_word)
}

/// The value of `name`, or the mask where the name looks secret. A password within an address is hidden whatever the name.
pub fn masked(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    if is_secret(name) { MASK.to_owned() } else { without_password(value) }
}

/// `postgres://user:••••••@db/shop` for an address that holds a password.
fn without_password(value: &str) -> String {
    let hidden = || {
        let (scheme, rest) = value.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (credentials, _) = authority.rsplit_once('@')?;
        let (user, password) = credentials.split_once(':')?;
        let tail = rest.get(credentials.len()..)?;
        (!password.is_empty()).then(|| format!("{scheme}://{user}:{MASK}{tail}"))
    };
    hidden().unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_secret_hide_their_values() {
        for name in
            ["POSTGRES_PASSWORD", "GITHUB_TOKEN", "DB_PASS", "ssh.key", "AWS_SECRET_ACCESS_KEY", "X-API-KEY"]
        {
            assert_eq!(masked(name, "hunter2"), MASK, "{name}");
        }
        for name in ["PATH", "KEYBOARD", "COMPASS", "LOG_LEVEL", "PASSENGERS"] {
            assert_eq!(masked(name, "hunter2"), "hunter2", "{name}");
        }
        assert_eq!(masked("DB_PASSWORD", ""), "");
    }

    #[test]
    fn addresses_lose_their_passwords() {
        let check = |value: &str, shown: &str| assert_eq!(masked("URL", value), shown);
        check("postgres://me:hunter2@db:5432/shop?x=1", "postgres://me:••••••@db:5432/shop?x=1");
        check("postgres://me@db/shop", "postgres://me@db/shop");
        check("http://a/b:c@d", "http://a/b:c@d");
        check("redis://:pw@cache", "redis://:••••••@cache");
    }
}
