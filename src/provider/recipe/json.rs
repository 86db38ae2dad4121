//! JSON whose texts are templates.

use serde_json::Value;

use super::filling::Filling;
use crate::provider::http::{Body, FileForm};
use crate::provider::template::{TemplateError, TemplateValues, TemplateVariable, TextTemplate};

/// JSON whose texts are templates.
#[derive(Clone, Debug)]
pub(in crate::provider) enum JsonTemplate {
    Plain(Value),
    Text(TextTemplate),
    List(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    /// Reads the texts in a value as templates.
    pub(in crate::provider) fn new(value: &Value) -> Result<JsonTemplate, TemplateError> {
        Ok(match value {
            Value::String(text) => JsonTemplate::Text(TextTemplate::parse(text)?),
            Value::Array(all) => {
                JsonTemplate::List(all.iter().map(JsonTemplate::new).collect::<Result<_, _>>()?)
            }
            Value::Object(all) => {
                let members = all.iter().map(|(name, value)| Ok((name.clone(), JsonTemplate::new(value)?)));
                JsonTemplate::Object(members.collect::<Result<_, _>>()?)
            }
            other => JsonTemplate::Plain(other.clone()),
        })
    }

    /// Lists its templates.
    pub(in crate::provider) fn templates(&self) -> Vec<&TextTemplate> {
        match self {
            JsonTemplate::Plain(_) => vec![],
            JsonTemplate::Text(template) => vec![template],
            JsonTemplate::List(all) => all.iter().flat_map(JsonTemplate::templates).collect(),
            JsonTemplate::Object(all) => all.iter().flat_map(|(_, json)| json.templates()).collect(),
        }
    }

    /// Returns the JSON pointer of the first template that is looked for.
    pub(super) fn pointer_to(&self, is: &dyn Fn(&TextTemplate) -> bool) -> Option<String> {
        let below = |name: &str, json: &JsonTemplate| {
            let name = name.replace('~', "~0").replace('/', "~1");
            json.pointer_to(is).map(|rest| format!("/{name}{rest}"))
        };
        match self {
            JsonTemplate::Plain(_) => None,
            JsonTemplate::Text(template) => is(template).then(String::new),
            JsonTemplate::List(all) => {
                all.iter().enumerate().find_map(|(i, json)| below(&i.to_string(), json))
            }
            JsonTemplate::Object(all) => all.iter().find_map(|(name, json)| below(name, json)),
        }
    }

    pub(super) fn has_content(&self) -> bool {
        self.templates().iter().any(|template| template.variables().any(TemplateVariable::is_content))
    }

    /// Fills it in; what is missing is null.
    pub(in crate::provider) fn fill(&self, values: &dyn TemplateValues) -> Value {
        match self {
            JsonTemplate::Plain(value) => value.clone(),
            JsonTemplate::Text(template) => match template.fill(values) {
                None => Value::Null,
                Some(text) if template.is_number() => text.parse().map_or(Value::Null, Value::Number),
                Some(text) => text.into(),
            },
            JsonTemplate::List(all) => all.iter().map(|json| json.fill(values)).collect(),
            JsonTemplate::Object(all) => {
                all.iter().map(|(name, json)| (name.clone(), json.fill(values))).collect()
            }
        }
    }

    pub(super) fn write(&self, filling: &Filling<'_>, out: &mut JsonWriter) {
        match self {
            JsonTemplate::Text(template) => match template.around_content(filling) {
                Some((before, variable, after)) => {
                    out.push("\"");
                    out.push_escaped(&before);
                    if variable == TemplateVariable::FileDataUri {
                        out.push_escaped(&format!("data:{};base64,", filling.spec.media.mime()));
                    }
                    out.has_file = true;
                    out.push_escaped(&after);
                    out.push("\"");
                }
                None => out.push(&self.fill(filling).to_string()),
            },
            JsonTemplate::Plain(value) => out.push(&value.to_string()),
            JsonTemplate::List(all) => {
                out.push("[");
                for (i, json) in all.iter().enumerate() {
                    out.push(if i == 0 { "" } else { "," });
                    json.write(filling, out);
                }
                out.push("]");
            }
            JsonTemplate::Object(all) => {
                out.push("{");
                let mut first = true;
                for (name, json) in all {
                    // A member whose value is missing is omitted, as parts and parameters are.
                    if let JsonTemplate::Text(template) = json
                        && !template.variables().any(TemplateVariable::is_content)
                        && template.fill(filling).is_none()
                    {
                        continue;
                    }
                    out.push(if first { "" } else { "," });
                    first = false;
                    out.push(&Value::from(name.as_str()).to_string());
                    out.push(":");
                    json.write(filling, out);
                }
                out.push("}");
            }
        }
    }
}

/// JSON before and after the file's bytes.
#[derive(Default)]
pub(super) struct JsonWriter {
    before: String,
    after: String,
    has_file: bool,
}

impl JsonWriter {
    fn push(&mut self, text: &str) {
        if self.has_file { &mut self.after } else { &mut self.before }.push_str(text);
    }

    /// Writes what stands between quotes.
    fn push_escaped(&mut self, text: &str) {
        let quoted = Value::from(text).to_string();
        self.push(&quoted[1..quoted.len() - 1]);
    }

    pub(super) fn into_body(self) -> Body {
        let file = self.has_file.then_some(FileForm::Base64);
        Body { before: self.before, file, after: self.after, boundary: None }
    }
}
