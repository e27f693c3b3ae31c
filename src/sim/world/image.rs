//! Images as things with names: made, tagged, untagged, removed, and who uses them.
//!
//! The rules and messages of a removal are those of moby's `daemon/images/image_delete.go`.

use serde_json::{Value, json};

use super::super::answer::Refusal;
use super::World;
use super::container::{Container, Phase};
use super::resource::{Image, with_tag};

impl Image {
    /// The first twelve digits of its id.
    pub(in super::super) fn short(&self) -> &str {
        let digits = self.id.strip_prefix("sha256:").unwrap_or(&self.id);
        digits.get(..12).unwrap_or(digits)
    }

    /// Its labels.
    pub(in super::super) fn labels(&self) -> Vec<(String, String)> {
        let labels = self.config.get("Labels").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

impl World {
    /// Gives what a step of a build has made an id, and remembers it for the next build that takes the same step.
    pub(in super::super) fn commit(&mut self, mut image: Image, step: String) -> Image {
        image.id = format!("sha256:{}", self.next_id());
        image.created = self.now;
        image.size = image.files.values().map(|content| content.len() as u64).sum();
        self.layers.insert(step, image.clone());
        let name = image.id.clone();
        self.tell_image(&image, "create", &name);
        image
    }

    /// Adds an image that is to be found by its id. Gives the id.
    pub(in super::super) fn keep_image(&mut self, image: Image) -> String {
        let id = image.id.clone();
        self.images.entry(id.clone()).or_insert(image);
        id
    }

    /// Gives an image one more name, which no other image has from then on.
    pub(in super::super) fn tag(&mut self, id: &str, name: &str) {
        for image in self.images.values_mut() {
            image.names.retain(|known| known != name);
        }
        let Some(image) = self.images.get_mut(id) else { return };
        image.names.push(name.to_owned());
        image.names.sort();
        let image = image.clone();
        self.tell_image(&image, "tag", name);
    }

    /// Removes an image, or one of its names. What was untagged and deleted, as the answer tells it.
    pub(in super::super) fn remove_image(&mut self, name: &str, force: bool) -> Result<Value, Refusal> {
        let image = self.image(name)?.clone();
        let tagged = with_tag(name);
        let mut records = Vec::new();
        if image.names.contains(&tagged) {
            if !force
                && image.names.len() == 1
                && let Some(user) = self.user(&image)
            {
                let (user, short) = (&user.id[..12], image.short());
                return Err(Refusal::conflict(format!(
                    "conflict: unable to remove repository reference \"{name}\" (must force) - container {user} is using its referenced image {short}"
                )));
            }
            records.push(self.untag(&image.id, &tagged));
            if image.names.len() > 1 || self.user(&image).is_some() {
                return Ok(Value::from(records));
            }
        } else {
            self.check_removal(&image, force)?;
            records.extend(image.names.iter().map(|known| self.untag(&image.id, known)));
        }
        self.images.shift_remove(&image.id);
        self.layers.retain(|_, layer| layer.id != image.id);
        self.tell_image(&image, "delete", &image.id.clone());
        records.push(json!({ "Deleted": image.id }));
        Ok(Value::from(records))
    }

    /// Whether an image may be removed by its id.
    fn check_removal(&self, image: &Image, force: bool) -> Result<(), Refusal> {
        let short = image.short();
        if image.names.len() > 1 && !force {
            let why = "image is referenced in multiple repositories";
            return Err(Refusal::conflict(format!(
                "conflict: unable to delete {short} (must be forced) - {why}"
            )));
        }
        let users = || self.containers.values().filter(|container| container.image == image.id);
        if let Some(user) = users().find(|container| container.phase().is_running()) {
            let user = &user.id[..12];
            return Err(Refusal::conflict(format!(
                "conflict: unable to delete {short} (cannot be forced) - image is being used by running container {user}"
            )));
        }
        match users().find(|container| container.phase() != Phase::Running) {
            Some(user) if !force => Err(Refusal::conflict(format!(
                "conflict: unable to delete {short} (must be forced) - image is being used by stopped container {}",
                &user.id[..12]
            ))),
            _ => Ok(()),
        }
    }

    /// Tells that an image was pulled.
    pub(in super::super) fn tell_pull(&mut self, name: &str) {
        let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
        let attributes = vec![("name".to_owned(), bare.to_owned())];
        self.events.tell(self.now, "image", "pull", name, attributes);
    }

    fn user(&self, image: &Image) -> Option<&Container> {
        self.containers.values().find(|container| container.image == image.id)
    }

    fn untag(&mut self, id: &str, name: &str) -> Value {
        let Some(image) = self.images.get_mut(id) else { return Value::Null };
        image.names.retain(|known| known != name);
        let image = image.clone();
        self.tell_image(&image, "untag", id);
        json!({ "Untagged": name })
    }

    fn tell_image(&mut self, image: &Image, action: &str, name: &str) {
        let mut attributes = image.labels();
        attributes.push(("name".to_owned(), name.to_owned()));
        self.events.tell(self.now, "image", action, &image.id, attributes);
    }
}

/// Whether a name can be an image's.
pub(in super::super) fn check_name(name: &str) -> Result<(), Refusal> {
    let (host, _) = split_host(name);
    let path = host.map_or(name, |host| &name[host.len() + 1..]);
    let repository = path.split(['@', ':']).next().unwrap_or_default();
    if repository.chars().any(|one| one.is_ascii_uppercase()) {
        let whole = if path.contains('/') { repository.to_owned() } else { format!("library/{repository}") };
        let why = format!("invalid reference format: repository name ({whole}) must be lowercase");
        return Err(Refusal::bad(why));
    }
    let is_good = |one: char| one.is_ascii_alphanumeric() || "._-/".contains(one);
    if repository.is_empty() || !repository.chars().all(is_good) {
        return Err(Refusal::bad("invalid reference format"));
    }
    Ok(())
}

/// The registry before a name's first slash, if that is one; and the rest.
pub(in super::super) fn split_host(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, rest)) if host == "localhost" || host.contains(['.', ':']) => (Some(host), rest),
        _ => (None, name),
    }
}
