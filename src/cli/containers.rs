//! Which of the project's containers an observing verb looks at, as Docker Compose finds them: by labels.

use color_eyre::eyre::{Result, bail};

use crate::engine::Engine;
use crate::observed::{Listing, label};

/// The labels that every container has that Docker Compose counts to the project.
pub fn labels(project: &str) -> Vec<String> {
    vec![format!("{}={project}", label::PROJECT), label::CONFIG_HASH.to_owned()]
}

/// The project's containers, of these services or of all if none is named; stopped ones and one-offs as asked.
///
/// # Errors
/// Where the engine cannot be read.
pub async fn of_services(
    engine: &Engine,
    project: &str,
    services: &[String],
    wanted: Wanted,
) -> Result<Vec<Listing>> {
    let mut listings = engine.listings(&labels(project), wanted.stopped).await?;
    listings.retain(|listing| {
        (wanted.one_offs || !listing.is_one_off())
            && (services.is_empty() || services.iter().any(|name| name == listing.service()))
    });
    Ok(listings)
}

/// Which containers besides the running ones of services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those that do not run.
    pub stopped: bool,
    /// Those that `run` made.
    pub one_offs: bool,
}

/// One container of a service: the one of this number, or the first, one-offs last.
///
/// # Errors
/// Where there is none, in Docker Compose's words.
pub async fn one(
    engine: &Engine,
    project: &str,
    service: &str,
    index: u32,
    wanted: Wanted,
) -> Result<Listing> {
    let mut found = of_services(engine, project, &[service.to_owned()], wanted).await?;
    found.retain(|listing| index == 0 || listing.number() == index);
    found.sort_by_key(|listing| (listing.is_one_off(), listing.number()));
    if found.is_empty() && index > 0 {
        bail!("service {service:?} is not running container #{index}");
    }
    if found.is_empty() {
        bail!("service {service:?} is not running");
    }
    Ok(found.swap_remove(0))
}
