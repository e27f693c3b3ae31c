//! `COPY` and `ADD` on files by their paths.

use regex::Regex;

use super::super::program::Files;

/// `files` with what `sources` has under `patterns` laid over it at `target`.
///
/// # Errors
/// The pattern that fits nothing.
pub(super) fn over(
    files: &Files,
    sources: &Files,
    patterns: &[String],
    target: &str,
) -> Result<Files, String> {
    let mut result = files.clone();
    let inside = format!("{}/", target.trim_end_matches('/'));
    let is_folder =
        target.ends_with('/') || patterns.len() > 1 || files.keys().any(|path| path.starts_with(&inside));
    for pattern in patterns {
        let found = matching(sources, pattern);
        if found.is_empty() {
            return Err(pattern.trim_start_matches('/').to_owned());
        }
        for (path, rest) in found {
            let Some(content) = sources.get(&path) else { continue };
            let place = match rest {
                // What lies in a folder keeps its place in it.
                Rest::Inside(rest) => format!("{inside}{rest}"),
                Rest::File(name) if is_folder => format!("{inside}{name}"),
                Rest::File(_) => target.to_owned(),
            };
            result.insert(place, content.clone());
        }
    }
    Ok(result)
}

/// How a file was found.
enum Rest {
    /// By its own path; its name.
    File(String),
    /// In a folder; its path from there.
    Inside(String),
}

fn matching(sources: &Files, pattern: &str) -> Vec<(String, Rest)> {
    let pattern = pattern.trim_start_matches("./").trim_matches('/');
    let pattern = if pattern == "." { "" } else { pattern };
    let whole = glob(pattern);
    let whole = whole.as_ref();
    let fits = |path: &String| {
        let relative = path.trim_start_matches('/');
        if pattern.is_empty() {
            return Some((path.clone(), Rest::Inside(relative.to_owned())));
        }
        // The path itself, or the first of its folders that fits.
        let ends = relative.match_indices('/').map(|(at, _)| at);
        if let Some(end) = ends.into_iter().find(|end| fits(whole, pattern, &relative[..*end])) {
            return Some((path.clone(), Rest::Inside(relative[end + 1..].to_owned())));
        }
        let name = relative.rsplit('/').next().unwrap_or_default().to_owned();
        fits(whole, pattern, relative).then(|| (path.clone(), Rest::File(name)))
    };
    sources.keys().filter_map(fits).collect()
}

fn fits(glob: Option<&Regex>, pattern: &str, path: &str) -> bool {
    glob.map_or(path == pattern, |glob| glob.is_match(path))
}

/// A pattern with `*` or `?`, neither of which stands for a slash.
fn glob(pattern: &str) -> Option<Regex> {
    if !pattern.contains(['*', '?']) {
        return None;
    }
    let escaped = regex::escape(pattern).replace("\\*", "[^/]*").replace("\\?", "[^/]");
    Regex::new(&format!("^{escaped}$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        names.iter().map(|name| ((*name).to_owned(), name.as_bytes().into())).collect()
    }

    #[track_caller]
    fn check(patterns: &str, target: &str, expected: &str) {
        let patterns: Vec<String> = patterns.split(' ').map(str::to_owned).collect();
        let sources = files(&["/a.txt", "/b.txt", "/lib/one.sh", "/lib/deep/two.sh"]);
        let result = match over(&files(&["/etc/x"]), &sources, &patterns, target) {
            Ok(files) => files.into_keys().collect::<Vec<_>>().join(" "),
            Err(missing) => format!("missing {missing}"),
        };
        assert_eq!(result, expected, "{patterns:?} to {target}");
    }

    #[test]
    fn files_and_folders_find_their_places() {
        check("a.txt", "/c", "/c /etc/x");
        check("./a.txt", "/c/", "/c/a.txt /etc/x");
        check("a.txt", "/etc", "/etc/a.txt /etc/x");
        check("*.txt", "/c/", "/c/a.txt /c/b.txt /etc/x");
        check("lib", "/srv", "/etc/x /srv/deep/two.sh /srv/one.sh");
        check(".", "/s/", "/etc/x /s/a.txt /s/b.txt /s/lib/deep/two.sh /s/lib/one.sh");
        check("lib/deep/two.sh", "/two", "/etc/x /two");
        check("none", "/c", "missing none");
    }
}
