//! A second opinion on a document: that of Python's jsonschema.

use crate::support::{python_with, read_by};
use serde_json::{Value, json};

/// A second opinion, where there is one.
pub(crate) fn accepted_by_python(schema: &Value, document: &Value) {
    const CODE: &str = "import json, sys, jsonschema\n\
        schema, document = json.load(sys.stdin)\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        jsonschema.Draft202012Validator(schema).validate(document)\n";
    let Some(mut python) = python_with("jsonschema") else { return };
    let ran = read_by(python.args(["-c", CODE]), &json!([schema, document]).to_string());
    assert_eq!(ran.code, Some(0), "jsonschema refuses {document:#}\n{}", ran.err);
}
