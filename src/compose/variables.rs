//! Variables with their values and who gave them: what interpolation and env files look names up in.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::tree::ValueSource;

/// A variable's value and who gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: String,
    /// Who gave it.
    pub from: ValueSource,
}

/// Variables by name, in the order in which they were set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    values: IndexMap<String, Variable>,
}

impl Variables {
    /// The process environment.
    pub fn from_environment(environment: &BTreeMap<String, String>) -> Variables {
        let variable = |value: &String| Variable { value: value.clone(), from: ValueSource::Environment };
        let values = environment.iter().map(|(name, value)| (name.clone(), variable(value)));
        Variables { values: values.collect() }
    }

    /// A variable by name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.values.get(name)
    }

    /// A variable's value by name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|variable| variable.value.as_str())
    }

    /// Sets a variable, whatever it was.
    pub fn set(&mut self, name: impl Into<String>, variable: Variable) {
        self.values.insert(name.into(), variable);
    }

    /// Keeps only the variables whose names pass.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.values.retain(|name, _| keep(name));
    }

    /// Takes over the variables that are not set yet.
    pub fn fill(&mut self, others: &Variables) {
        for (name, variable) in &others.values {
            if !self.values.contains_key(name) {
                self.values.insert(name.clone(), variable.clone());
            }
        }
    }

    /// Takes over every variable; they win over what was set.
    pub fn overlay(&mut self, others: Variables) {
        self.values.extend(others.values);
    }

    /// Names and variables.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.values.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// Names and values.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.iter().map(|(name, variable)| (name.to_owned(), variable.value.clone())).collect()
    }
}
