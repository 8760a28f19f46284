//! What is known of a machine, fact by fact, under the names that its document has.

use super::Environment;
use serde_json::Value;

/// Something that is known of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is one of many of: `sysctl`.
    pub of: Option<String>,
    /// Its name, among those.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Environment {
    /// Every fact that is known.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let Ok(Value::Object(known)) = serde_json::to_value(self) else { return Vec::new() };
        let mut facts = Vec::new();
        for (name, value) in known {
            match value {
                Value::Null => {}
                Value::Object(many) => facts.extend(many.into_iter().map(|(one, value)| Fact {
                    of: Some(name.clone()),
                    name: one,
                    value: word(&value),
                })),
                one => facts.push(Fact { of: None, name, value: word(&one) }),
            }
        }
        facts
    }
}

/// A value as people write it: words have no quotes.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
