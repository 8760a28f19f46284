//! A checker of JSON documents against a JSON schema: the words of draft 2020-12 that our schemas
//! use. A schema with any other word is refused, so that nothing is taken for checked that is not.

use serde_json::{Map, Value};

/// What is wrong with a document, each complaint with the place in it; nothing if it is valid.
///
/// # Panics
/// If the schema uses a word that is not known here.
pub(crate) fn complaints(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, document, "$", &mut found);
    found
}

fn check(schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let words = match schema {
        Value::Bool(true) => return,
        Value::Bool(false) => {
            found.push(format!("{place}: nothing is allowed here"));
            return;
        }
        Value::Object(words) => words,
        other => panic!("no schema: {other}"),
    };
    for (word, limit) in words {
        if let Err(why) = follows(words, word, limit, value, place, found) {
            found.push(format!("{place}: {why}"));
        }
    }
}

/// Does the value do what one word of the schema says?
fn follows(
    words: &Map<String, Value>,
    word: &str,
    limit: &Value,
    value: &Value,
    place: &str,
    found: &mut Vec<String>,
) -> Result<(), String> {
    let refuse =
        |holds: bool| if holds { Ok(()) } else { Err(format!("{value} against {word} {limit}")) };
    let number = || value.as_f64().zip(limit.as_f64());
    let length = || value.as_array().map(Vec::len).zip(limit.as_u64());
    let letters = || value.as_str().map(|text| text.chars().count()).zip(limit.as_u64());
    match word {
        "$schema" | "$id" | "$comment" | "title" | "description" => Ok(()),
        "type" => refuse(match limit {
            Value::Array(types) => types.iter().any(|name| is_of_type(value, name)),
            name => is_of_type(value, name),
        }),
        "const" => refuse(value == limit),
        "enum" => refuse(limit.as_array().expect("a list of values").contains(value)),
        "minimum" => refuse(number().is_none_or(|(is, least)| is >= least)),
        "maximum" => refuse(number().is_none_or(|(is, most)| is <= most)),
        "exclusiveMinimum" => refuse(number().is_none_or(|(is, least)| is > least)),
        "exclusiveMaximum" => refuse(number().is_none_or(|(is, most)| is < most)),
        "minItems" => refuse(length().is_none_or(|(is, least)| is as u64 >= least)),
        "maxItems" => refuse(length().is_none_or(|(is, most)| is as u64 <= most)),
        "maxLength" => refuse(letters().is_none_or(|(is, most)| is as u64 <= most)),
        "format" => refuse(has_format(value, limit)),
        "anyOf" => {
            let ways = limit.as_array().expect("a list of schemas");
            let failed: Vec<_> = ways.iter().map(|way| complaints(way, value)).collect();
            if failed.iter().any(Vec::is_empty) {
                return Ok(());
            }
            Err(format!("none of anyOf: {}", failed.concat().join(" | ")))
        }
        "items" => {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                check(limit, item, &format!("{place}[{index}]"), found);
            }
            Ok(())
        }
        "properties" => {
            for (name, schema) in limit.as_object().expect("schemas by name") {
                if let Some(field) = value.get(name) {
                    check(schema, field, &format!("{place}.{name}"), found);
                }
            }
            Ok(())
        }
        "required" => {
            let names = limit.as_array().expect("names").iter().filter_map(Value::as_str);
            let missing: Vec<_> =
                names.filter(|name| value.is_object() && value.get(name).is_none()).collect();
            refuse(missing.is_empty()).map_err(|_| format!("without {}", missing.join(", ")))
        }
        "additionalProperties" => {
            let known = words.get("properties").and_then(Value::as_object);
            for (name, field) in value.as_object().into_iter().flatten() {
                if !known.is_some_and(|known| known.contains_key(name)) {
                    check(limit, field, &format!("{place}.{name}"), found);
                }
            }
            Ok(())
        }
        other => panic!("the checker does not know '{other}'"),
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        // JSON knows one kind of number: 1.0 is an integer.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("the checker does not know the type '{other}'"),
    }
}

fn has_format(value: &Value, name: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match name.as_str() {
        Some("date-time") => humantime::parse_rfc3339(text).is_ok(),
        other => panic!("the checker does not know the format {other:?}"),
    }
}
