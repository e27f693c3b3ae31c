//! What a request's query says: parameters, the API's booleans, and its filters.

use serde_json::Value;

use super::answer::Refusal;

/// The parameters, decoded, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=1&b=%20`.
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        };
        Self(pairs.map(pair).collect())
    }

    /// The first value of a parameter; none where it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a parameter.
    #[allow(dead_code, reason = "images, builds and programs from data come with their handlers")]
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A boolean as the engine reads one (moby, `httputils.BoolValue`).
    pub(super) fn flag(&self, name: &str) -> bool {
        let value = self.get(name).unwrap_or_default().trim().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// A boolean that is on unless the query says otherwise.
    pub(super) fn flag_or_on(&self, name: &str) -> bool {
        self.get(name).is_none() || self.flag(name)
    }

    /// A number, if the parameter is one.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// The parameter `filters`.
    ///
    /// # Errors
    /// When it is no JSON, or has a name that is not among the known ones.
    pub(super) fn filters(&self, known: &[&str]) -> Result<Filters, Refusal> {
        let Some(text) = self.get("filters") else { return Ok(Filters::default()) };
        let filters = serde_json::from_str(text).map(Filters).map_err(|_| Refusal::bad("invalid filter"))?;
        if let Some(name) = filters.names().find(|name| !known.contains(name)) {
            return Err(Refusal::bad(format!("invalid filter '{name}'")));
        }
        Ok(filters)
    }

    /// The parameter `filters`, whatever stands in it.
    pub(super) fn any_filters(&self) -> Filters {
        Filters(self.get("filters").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }
}

/// Filters of a list: `{"label":["a=b"]}`, or the old form `{"label":{"a=b":true}}`.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters(Value);

impl Filters {
    /// The values asked for under a name.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        match &self.0[name] {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            Value::Object(values) => values.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The names that are filtered by.
    #[allow(dead_code, reason = "images, builds and programs from data come with their handlers")]
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.as_object().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Whether one of the values under a name fits, or none is asked for.
    pub(super) fn fits(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        let values = self.values(name);
        values.is_empty() || values.into_iter().any(fits)
    }

    /// Whether all labels that are asked for are there: `name` or `name=value`.
    pub(super) fn labels_fit(&self, labels: &[(String, String)]) -> bool {
        self.values("label").into_iter().all(|wanted| {
            let (name, value) = wanted.split_once('=').map_or((wanted, None), |(n, v)| (n, Some(v)));
            labels.iter().any(|(key, is)| key == name && value.is_none_or(|value| value == is))
        })
    }
}

/// Decodes `%20`; what is no escape stands for itself.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped =
            escaped.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_booleans_and_filters() {
        let query =
            Query::parse("all=1&x=False&name=a%2Fb+c&filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D&t=");
        assert!(query.flag("all") && !query.flag("x") && !query.flag("t") && query.flag_or_on("stream"));
        assert_eq!(query.get("name"), Some("a/b c"));
        let labels = |text: &str| vec![("a".to_owned(), text.to_owned())];
        assert!(query.any_filters().labels_fit(&labels("b")));
        assert!(!query.any_filters().labels_fit(&labels("c")));
        let old = Query::parse("filters={\"name\":{\"x\":true}}").any_filters();
        assert_eq!((old.values("name"), old.names().collect()), (vec!["x"], vec!["name"]));
        assert_eq!(decode("100%&%zz"), "100%&%zz");
    }
}
