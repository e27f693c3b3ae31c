//! Every crate in the lock file comes under a permissive licence. Asks `cargo metadata`, and no network once the crates
//! are there. `deny.toml` says the same to cargo-deny in the public workflow.

use std::{env, process::Command};

use serde_json::Value;

/// The licences that ask for no more than to be named, by their SPDX identifiers.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_dependency_is_permissive() {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let asked = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(asked.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&asked.stderr));
    let metadata: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "cargo metadata names only {} packages", packages.len());

    let refused: Vec<String> = packages.iter().filter_map(refusal).collect();
    assert!(refused.is_empty(), "not under a permissive licence:\n{}", refused.join("\n"));
}

/// What is wrong with a package's licence.
fn refusal(package: &Value) -> Option<String> {
    let licence = package["license"].as_str();
    if licence.is_some_and(permissive) {
        return None;
    }
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    Some(format!("  {name} {version}: {}", licence.unwrap_or("no licence named")))
}

/// Whether an SPDX expression can be met by permissive licences alone. The old `MIT/Apache-2.0` means `OR`.
fn permissive(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = expression.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any(&mut rest);
    met && rest.is_empty()
}

/// Alternatives: `AND` binds closer than `OR`.
fn any(rest: &mut &[&str]) -> bool {
    let mut met = all(rest);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        // Both sides are read, whatever the first one says.
        met |= all(rest);
    }
    met
}

fn all(rest: &mut &[&str]) -> bool {
    let mut met = one(rest);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        met &= one(rest);
    }
    met
}

fn one(rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let met = any(rest);
            let closed = rest.first() == Some(&")");
            *rest = rest.get(1..).unwrap_or_default();
            met && closed
        }
        [licence, "WITH", exception, after @ ..] => {
            *rest = after;
            PERMISSIVE.contains(&format!("{licence} WITH {exception}").as_str())
        }
        [licence, after @ ..] => {
            *rest = after;
            PERMISSIVE.contains(licence)
        }
        [] => false,
    }
}

#[test]
fn expressions() {
    for yes in [
        "MIT",
        "MIT OR Apache-2.0",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
    ] {
        assert!(permissive(yes), "{yes}");
    }
    for no in [
        "",
        "GPL-3.0-only",
        "MPL-2.0",
        "MIT AND GPL-3.0-only",
        "(MIT OR MPL-2.0) AND MPL-2.0",
        "(MIT",
        "MIT MIT",
    ] {
        assert!(!permissive(no), "{no}");
    }
}
