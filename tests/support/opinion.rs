//! A second opinion on a document: that of Python's jsonschema.

use crate::support::{skip, skip_without_tool};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// A second opinion, where there is one.
pub(crate) fn accepted_by_python(schema: &Value, document: &Value) {
    const CODE: &str = "import json, sys\n\
        try:\n    import jsonschema\n\
        except ImportError:\n    sys.exit(77)\n\
        schema, document = json.load(sys.stdin)\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        jsonschema.Draft202012Validator(schema).validate(document)\n";
    if skip_without_tool("python3") {
        return;
    }
    // The distribution's own Python has the distribution's packages, another one may stand before it.
    let has_schemas = |python: &&&str| {
        let tried = Command::new(python).args(["-c", "import jsonschema"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let pythons = ["python3", "/usr/bin/python3"];
    let mut python = Command::new(pythons.iter().find(has_schemas).unwrap_or(&"python3"));
    python.args(["-c", CODE]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().expect("python3 starts");
    let input = json!([schema, document]).to_string();
    // What does not read its input to the end has something else to say.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    if output.status.code() == Some(77) {
        assert!(std::env::var_os("CI").is_none(), "CI must have Python's jsonschema");
        skip("Python's jsonschema is not installed");
        return;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "jsonschema refuses {document:#}\n{said}");
}
