//! `dockside ls`: the compose projects of the engine, from labels. It needs no file.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use color_eyre::eyre::{Result, bail};
use regex::Regex;
use serde_json::{Value, json};

use super::global::Global;
use super::headless::{block_on, connect};
use super::out;
use super::table::{COMPOSE, table};
use crate::observed::{Listing, label};

/// Options of `ls`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Projects of which nothing runs as well
    #[arg(short, long)]
    pub all: bool,
    /// Only projects that are so: `name=shop`
    #[arg(long, value_name = "KEY=VALUE", value_parser = filter)]
    pub filter: Vec<(String, String)>,
    /// table or json
    #[arg(long, default_value = "table")]
    pub format: String,
    /// Print names only
    #[arg(short, long)]
    pub quiet: bool,
}

/// Lists the projects.
///
/// # Errors
/// Where the engine is out of reach, or a filter or the format is unknown.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    if let Some((key, _)) = args.filter.iter().find(|(key, _)| key != "name") {
        bail!("invalid filter '{key}'");
    }
    block_on(async {
        let engine = connect(global).await?;
        let listings = engine.listings(&[label::PROJECT.to_owned()], args.all).await?;
        let mut projects: BTreeMap<&str, Vec<&Listing>> = BTreeMap::new();
        for listing in &listings {
            projects.entry(listing.label(label::PROJECT)).or_default().push(listing);
        }
        projects.retain(|name, _| is_wanted(name, &args.filter));
        out::print(&text(&projects, args)?)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn filter(text: &str) -> Result<(String, String), String> {
    let bad = "bad format of filter (expected name=value)";
    let (key, value) = text.split_once('=').ok_or(bad)?;
    Ok((key.trim().to_lowercase(), value.trim().to_owned()))
}

/// Whether a name is one of the wanted, or matches one as an expression, as Docker's filters do.
fn is_wanted(name: &str, filters: &[(String, String)]) -> bool {
    let matches = |value: &str| name == value || Regex::new(value).is_ok_and(|rule| rule.is_match(name));
    filters.is_empty() || filters.iter().any(|(_, value)| matches(value))
}

fn text(projects: &BTreeMap<&str, Vec<&Listing>>, args: &Args) -> Result<String> {
    if args.quiet {
        return Ok(projects.keys().map(|name| format!("{name}\n")).collect());
    }
    let rows: Vec<[String; 3]> =
        projects.iter().map(|(name, found)| [(*name).to_owned(), status(found), files(found)]).collect();
    if args.format == "json" {
        let fields = |[name, status, files]: &[String; 3]| json!({ "Name": name, "Status": status, "ConfigFiles": files });
        return Ok(format!("{}\n", Value::from(rows.iter().map(fields).collect::<Vec<_>>())));
    }
    super::table_only(&args.format)?;
    Ok(table(&["NAME", "STATUS", "CONFIG FILES"], &rows, COMPOSE))
}

/// `exited(1), running(2)`
fn status(listings: &[&Listing]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for listing in listings {
        *counts.entry(&listing.state).or_default() += 1;
    }
    counts.iter().map(|(state, count)| format!("{state}({count})")).collect::<Vec<_>>().join(", ")
}

/// The files that its containers were made from, each once.
fn files(listings: &[&Listing]) -> String {
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for file in listings.iter().flat_map(|listing| listing.label(label::CONFIG_FILES).split(',')) {
        if !file.is_empty() && seen.insert(file) {
            files.push(file);
        }
    }
    if files.is_empty() { "N/A".to_owned() } else { files.join(",") }
}
