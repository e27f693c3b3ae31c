//! Services, networks and volumes → the bodies that create them, as Docker Compose sends them.

use crate::compose::model::Environment;

/// `NAME=value` for each variable, and the bare name for one that has no value, which removes the image's.
pub(super) fn environment(variables: &Environment) -> Vec<String> {
    let entry = |(name, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    variables.iter().map(entry).collect()
}
