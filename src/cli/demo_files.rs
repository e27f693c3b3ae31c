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
    "base/Dockerfile",
    "base/shop.sh",
    "cache/Dockerfile",
    "cache/main.sh",
    "cache/request.sh",
    "compose.override.yaml",
    "compose.yaml",
    "db/Dockerfile",
    "db/healthy.sh",
    "db/main.sh",
    "db/request.sh",
    "gateway/Dockerfile",
    "gateway/main.sh",
    "gateway/request.sh",
    "mail/Dockerfile",
    "mail/letter.sh",
    "mail/main.sh",
    "mail/page.sh",
    "migrate/Dockerfile",
    "migrate/main.sh",
    "visitors/Dockerfile",
    "visitors/main.sh",
    "web/Dockerfile",
    "web/healthy.sh",
    "web/main.sh",
    "web/request.sh",
    "web/shop.css",
    "worker/Dockerfile",
    "worker/main.sh",
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn no_file_of_the_sample_project_is_forgotten() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        let mut found = Vec::new();
        collect(&root, &root, &mut found);
        found.sort();
        let carried: Vec<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(carried, found);
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
