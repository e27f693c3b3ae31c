//! The sample project's files, carried in the program.

/// Makes a table of (path, content) from paths in `assets/demo`.
macro_rules! carried {
    ($($path:literal,)*) => { &[$(($path, include_bytes!(concat!("../../assets/demo/", $path)))),*] };
}

/// Every file of `assets/demo`, with its path there.
pub(super) const FILES: &[(&str, &[u8])] = carried![
    ".env",
    "api/Dockerfile",
    "api/healthy.sh",
    "api/main.sh",
    "api/request.sh",
    "api/simulation.toml",
    "base/Dockerfile",
    "base/shop.sh",
    "cache/Dockerfile",
    "cache/main.sh",
    "cache/request.sh",
    "cache/simulation.toml",
    "compose.override.yaml",
    "compose.yaml",
    "db/Dockerfile",
    "db/healthy.sh",
    "db/main.sh",
    "db/request.sh",
    "db/simulation.toml",
    "gateway/Dockerfile",
    "gateway/main.sh",
    "gateway/request.sh",
    "gateway/simulation.toml",
    "mail/Dockerfile",
    "mail/letter.sh",
    "mail/main.sh",
    "mail/page.sh",
    "mail/simulation.toml",
    "migrate/Dockerfile",
    "migrate/main.sh",
    "migrate/simulation.toml",
    "visitors/Dockerfile",
    "visitors/main.sh",
    "visitors/simulation.toml",
    "web/Dockerfile",
    "web/healthy.sh",
    "web/main.sh",
    "web/request.sh",
    "web/shop.css",
    "web/simulation.toml",
    "worker/Dockerfile",
    "worker/main.sh",
    "worker/simulation.toml",
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::sim::Sim;
    use crate::sim::clock::Clock;

    #[test]
    fn no_file_of_the_sample_project_is_forgotten() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        let mut found = Vec::new();
        collect(&root, &root, &mut found);
        found.sort();
        let carried: Vec<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(carried, found);
    }

    #[test]
    fn what_the_embedded_engine_plays_is_understood() {
        let sim = Sim::new(Clock::real(), 1);
        for (path, text) in FILES.iter().filter(|(path, _)| path.ends_with("/simulation.toml")) {
            let played = sim.add_program("x", &serde_json::json!({}), std::str::from_utf8(text).unwrap());
            assert_eq!(played, Ok(()), "{path}");
        }
    }

    fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                collect(root, &entry.path(), found);
            } else if !entry.path().ends_with("base/busybox") {
                // What a person put there to try the project by hand is not of the project.
                found.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
}
