//! The server: one client on stdin and stdout, until it goes.

use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::Notify;

use super::calls;
use super::desk::AgentDesk;
use super::tools;
use super::transport::ClientLines;
use crate::cli::output::eprint_line;
use crate::cli::terminal_session::start_session_with;
use crate::session::Start;

/// What a client is told of the server.
const INSTRUCTIONS: &str = "Hoist uploads images, audio and video of this computer to generation providers and returns \
their asset IDs or links. Call list_destinations first. Files must be in folders that the person has allowed. A file \
whose state is `unknown` may exist at the provider: never send it again by yourself, ask the person.";

/// Newer ones have no requests from the server, by which the person is asked about a folder.
const NEWEST: ProtocolVersion = ProtocolVersion::V_2025_11_25;

/// What answers a client.
struct AgentServer {
    desk: Arc<AgentDesk>,
}

/// Serves one client on stdin and stdout until it closes them, or until Ctrl+C.
pub(super) fn serve(sandbox: bool) -> Result<ExitCode, String> {
    let changed = Arc::new(Notify::new());
    let wake = Arc::clone(&changed);
    let (session, folders) = start_session_with(
        sandbox,
        |start| Start { stop_on_interrupt: true, ..start },
        Arc::new(move || wake.notify_waiters()),
    )?;
    let desk = Arc::new(AgentDesk::new(session, changed, folders));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("The server cannot start: {e}"))?;
    let served = runtime.block_on(until_gone(&desk));
    let session = runtime.block_on(desk.close());
    // A read of stdin may be waiting still, and cannot be called off.
    runtime.shutdown_background();
    for sentence in session.map(|session| session.end()).unwrap_or_default() {
        eprint_line(&format!("{sentence}."));
    }
    served.map(|()| ExitCode::SUCCESS)
}

async fn until_gone(desk: &Arc<AgentDesk>) -> Result<(), String> {
    let interrupted = desk.until(|session| session.uploads.is_interrupted().then_some(()));
    let served = async {
        let server = AgentServer { desk: Arc::clone(desk) };
        let lines = ClientLines::new(tokio::io::stdin(), tokio::io::stdout());
        match rmcp::serve_server(server, lines).await {
            Ok(running) => running.waiting().await.map(|_| ()).map_err(|e| format!("The server failed: {e}")),
            Err(e) => {
                tracing::warn!("no client of the Model Context Protocol: {e}");
                Err("No client of the Model Context Protocol is at stdin: `hoist mcp` is started by one"
                    .to_owned())
            }
        }
    };
    tokio::select! {
        served = served => served,
        _ = interrupted => Ok(()),
    }
}

impl ServerHandler for AgentServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("hoist", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(ProtocolVersion::known_up_to(&NEWEST))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all(&self.desk).into_iter().find(|tool| tool.name == name)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all(&self.desk)))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        calls::call(&self.desk, request, &context).await.map(Into::into)
    }
}
