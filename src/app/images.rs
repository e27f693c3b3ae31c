//! The images that the file's services name, as the engine has them: containers are compared with these. Without its image
//! a container cannot be compared, for what the image gives by itself is no difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{App, Effect, drift};
use crate::compose::model::Project;
use crate::observed::{Event, EventKind, Image};

/// What is known of the images.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// The names that were asked for last.
    asked: Vec<String>,
    /// What was read: none where the engine lacks the image. A name that is not here was not read yet.
    known: BTreeMap<String, Option<Arc<Image>>>,
    /// The engine may have others by now.
    is_stale: bool,
}

impl Images {
    /// What the engine has under a name; none while that was not read.
    pub fn get(&self, name: &str) -> Option<Option<&Image>> {
        self.known.get(name).map(Option::as_deref)
    }

    /// They are to be read again: the engine was connected to anew.
    pub(super) fn mark_stale(&mut self) {
        self.is_stale = true;
    }
}

/// A name was given to an image, or taken away.
pub(super) fn happened(app: &mut App, event: &Event) {
    let moves_names = ["pull", "tag", "untag", "delete", "load", "import", "prune"];
    if event.kind == EventKind::Image && moves_names.contains(&event.action.as_str()) {
        app.images.is_stale = true;
    }
}

/// Asks for the images of the shown file, when they are other ones than before or may have changed.
pub(super) fn ask(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(project) = app.shown_project().filter(|_| app.engine.is_listed) else { return };
    let names = names(project);
    if names == app.images.asked && !app.images.is_stale {
        return;
    }
    app.images.is_stale = false;
    app.images.asked.clone_from(&names);
    if !names.is_empty() {
        effects.push(Effect::ReadImages(names));
    }
}

/// Images were read. What could not be read stays as it was.
pub(super) fn read(app: &mut App, images: BTreeMap<String, Option<Image>>) {
    let read = images.into_iter().map(|(name, image)| (name, image.map(Arc::new)));
    app.images.known.extend(read);
    drift::refresh(app);
}

fn names(project: &Project) -> Vec<String> {
    let mut names: Vec<String> = project.services.values().map(|service| project.image_of(service)).collect();
    names.sort();
    names.dedup();
    names
}
