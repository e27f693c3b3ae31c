//! A project from the text of one compose file that lies in `/srv/shop`.

use std::collections::BTreeMap;

use dockside::compose::model::Project;
use dockside::compose::source::MemoryFiles;
use dockside::compose::{self, LoadRequest};

/// Loads it as project `shop`.
pub fn load(text: &str) -> Project {
    let files = MemoryFiles::new([("/srv/shop/compose.yaml", text)]);
    let environment = [("API_TOKEN", "t0ken")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = LoadRequest {
        working_directory: "/srv/shop".into(),
        environment: BTreeMap::from(environment),
        ..LoadRequest::default()
    };
    let loaded = compose::load(&request, &files);
    assert!(loaded.is_sound(), "{:#?}\n{text}", loaded.diagnostics);
    loaded.project.unwrap()
}
