//! Whether an agent may send files: by the person's rights, or asked about now where the client can ask.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ElicitRequestParams, ElicitationAction};
use rmcp::service::RequestContext;
use serde_json::json;

use super::desk::AgentDesk;
use crate::session::agents::AgentDenial;
use crate::session::api::Destination;
use crate::session::api::text::{count, sanitize};

/// A person who has gone away has not agreed.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);

/// What a person said of a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FolderAnswer {
    Always,
    Once,
    No,
}

/// Returns the files that these paths lead to, where all of them may be sent. Else nothing is, and the sentences say why.
/// With a client that can ask, the person is asked about each folder that is not allowed yet.
pub(super) async fn permitted(
    desk: &AgentDesk,
    paths: &[PathBuf],
    to: &Destination,
    asking: Option<&RequestContext<RoleServer>>,
) -> Result<Vec<PathBuf>, Vec<String>> {
    let (mut files, mut denials, mut to_ask) = (vec![], vec![], vec![]);
    let (rights, named, of) = (desk.rights.clone(), paths.to_vec(), to.clone());
    let permits = tokio::task::spawn_blocking(move || rights.permit(&named, &of)).await;
    for permit in permits.map_err(|_| vec!["The files cannot be looked at: try again".to_owned()])? {
        match permit {
            Ok(file) => files.push(file),
            Err(denial @ AgentDenial::NotAllowed { .. }) if asking.is_some_and(can_ask) => {
                to_ask.push(denial);
            }
            Err(denial) => denials.push(denial.to_string()),
        }
    }
    // What is refused anyway is not worth a question.
    let Some(context) = asking.filter(|_| denials.is_empty()) else {
        return if denials.is_empty() { Ok(files) } else { Err(denials) };
    };
    let mut asked: Vec<(PathBuf, FolderAnswer)> = vec![];
    for denial in &to_ask {
        let AgentDenial::NotAllowed { file, folder, .. } = denial else { continue };
        files.push(file.clone());
        let before = asked.iter().find(|(other, _)| other == folder).map(|(_, answer)| *answer);
        let answer = match before {
            Some(answer) => answer,
            None => {
                let is_in_it = |other: &&AgentDenial| matches!(other, AgentDenial::NotAllowed { folder: of, .. } if of == folder);
                let of_folder = to_ask.iter().filter(is_in_it).count();
                let answer = ask(context, folder, of_folder, &to.name).await;
                asked.push((folder.clone(), answer));
                answer
            }
        };
        if answer == FolderAnswer::No {
            denials.push(format!("The person did not agree. {denial}"));
        }
    }
    for (folder, _) in asked.iter().filter(|(_, answer)| *answer == FolderAnswer::Always) {
        if let Err(problem) = desk.rights.allow_also(folder, &to.name) {
            denials.push(problem.to_string());
        }
    }
    if denials.is_empty() { Ok(files) } else { Err(denials) }
}

/// Returns whether the client can show a form to the person.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|client| client.elicitation.is_some())
}

/// Asks the person about a folder.
async fn ask(context: &RequestContext<RoleServer>, folder: &Path, files: usize, to: &str) -> FolderAnswer {
    let schema = json!({
        "type": "object",
        "properties": {
            "allow": {
                "type": "string",
                "title": "Allow",
                "enum": ["once", "always"],
                "description": "once: these files, now; always: this folder and all in it, to this destination",
            },
        },
        "required": ["allow"],
    });
    let Ok(requested_schema) = serde_json::from_value(schema) else { return FolderAnswer::No };
    let message = format!(
        "May this agent send {} from {} to {}?",
        count(files, "file"),
        sanitize(&folder.to_string_lossy()),
        sanitize(to)
    );
    let form = ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema };
    match context.peer.create_elicitation_with_timeout(form, Some(ANSWER_TIMEOUT)).await {
        Ok(reply) if reply.action == ElicitationAction::Accept => {
            match reply.content.as_ref().and_then(|content| content["allow"].as_str()) {
                Some("always") => FolderAnswer::Always,
                Some("once") => FolderAnswer::Once,
                _ => FolderAnswer::No,
            }
        }
        Ok(_) => FolderAnswer::No,
        Err(e) => {
            tracing::warn!("the person could not be asked: {e}");
            FolderAnswer::No
        }
    }
}
