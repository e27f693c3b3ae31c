//! `dockside images`: the images of the project's containers, from labels.

use std::collections::BTreeMap;
use std::process::ExitCode;

use color_eyre::eyre::Result;
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::table::{COMPOSE, table};
use super::{humane, out};
use crate::engine::{AT_ONCE, Engine};
use crate::observed::{ListedImage, label, span_in_words};

/// Options of `images`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// table or json
    #[arg(long, default_value = "table")]
    pub format: String,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// The image of a container.
struct Row {
    repository: String,
    tag: String,
    image: ListedImage,
}

/// Lists the images.
///
/// # Errors
/// Where the project has no name, the engine is out of reach, or the format is unknown.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        let rows = rows(&session.engine, &session.name, &args.services).await?;
        let text = match args.format.as_str() {
            _ if args.quiet => ids(&rows),
            "json" => json_list(&rows),
            form => {
                super::table_only(form)?;
                as_table(&rows)
            }
        };
        out::print(&text)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The image of each container, by the container's name.
async fn rows(engine: &Engine, project: &str, services: &[String]) -> Result<BTreeMap<String, Row>> {
    let mut listings = engine.listings(&[format!("{}={project}", label::PROJECT)], true).await?;
    listings.retain(|it| services.is_empty() || services.iter().any(|name| name == it.service()));
    let reads = stream::iter(listings).map(|listing| async move {
        let image = engine.listed_image(&listing.image).await?;
        let (repository, tag) = repository_and_tag(&listing.image);
        Ok((listing.name().to_owned(), Row { repository, tag, image }))
    });
    let rows: Vec<Result<_>> = reads.buffered(AT_ONCE).collect().await;
    rows.into_iter().collect()
}

/// The two parts of an image's name, the hub's own parts left out; both empty for a digest, which is no name.
fn repository_and_tag(name: &str) -> (String, String) {
    let bare = name.split('@').next().unwrap_or(name);
    let is_digest = bare.len() == 64 && bare.bytes().all(|digit| digit.is_ascii_hexdigit());
    if name.starts_with("sha256:") || is_digest {
        return (String::new(), String::new());
    }
    let (repository, tag) = match bare.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ if name.contains('@') => (bare, ""),
        _ => (bare, "latest"),
    };
    let familiar = repository.strip_prefix("docker.io/").unwrap_or(repository);
    (familiar.strip_prefix("library/").unwrap_or(familiar).to_owned(), tag.to_owned())
}

fn ids(rows: &BTreeMap<String, Row>) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for row in rows.values() {
        let id = row.image.id.split_once(':').map_or(row.image.id.as_str(), |(_, id)| id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.into_iter().map(|id| format!("{id}\n")).collect()
}

fn json_list(rows: &BTreeMap<String, Row>) -> String {
    // What Go makes of a list that was never begun.
    if rows.is_empty() {
        return "null\n\n".to_owned();
    }
    let list: Vec<Value> = rows.iter().map(|(name, row)| fields(name, row)).collect();
    format!("{}\n\n", Value::from(list))
}

fn fields(name: &str, row: &Row) -> Value {
    let mut map = Map::new();
    map.insert("ID".to_owned(), json!(row.image.id));
    map.insert("ContainerName".to_owned(), json!(name));
    map.insert("Repository".to_owned(), json!(row.repository));
    map.insert("Tag".to_owned(), json!(row.tag));
    map.insert("Platform".to_owned(), json!(row.image.platform));
    map.insert("Size".to_owned(), json!(row.image.size));
    if let Some(tagged) = row.image.tagged {
        map.insert("LastTagTime".to_owned(), json!(tagged.to_string()));
    }
    Value::Object(map)
}

fn as_table(rows: &BTreeMap<String, Row>) -> String {
    let header = ["CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"];
    let or_none = |text: &str| if text.is_empty() { "<none>".to_owned() } else { text.to_owned() };
    let cells = rows.iter().map(|(name, row)| {
        let id = row.image.id.split_once(':').map_or(row.image.id.as_str(), |(_, id)| id);
        let tagged = row.image.tagged.map_or_else(
            || "N/A".to_owned(),
            |time| format!("{} ago", span_in_words(Timestamp::now().as_second() - time.as_second())),
        );
        [
            name.clone(),
            or_none(&row.repository),
            or_none(&row.tag),
            row.image.platform.clone(),
            id.chars().take(12).collect(),
            humane::size(row.image.size as f64),
            tagged,
        ]
    });
    table(&header, &cells.collect::<Vec<_>>(), COMPOSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        for (name, repository, tag) in [
            ("busybox", "busybox", "latest"),
            ("docker.io/library/busybox:1", "busybox", "1"),
            ("localhost:5000/shop/web", "localhost:5000/shop/web", "latest"),
            ("localhost:5000/shop/web:2", "localhost:5000/shop/web", "2"),
            ("shop/web@sha256:00", "shop/web", ""),
            ("sha256:00", "", ""),
        ] {
            assert_eq!(repository_and_tag(name), (repository.to_owned(), tag.to_owned()), "{name}");
        }
    }
}
