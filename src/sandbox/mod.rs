//! A local server that speaks all documented APIs, made from the same tables the uploads are made from. It listens on
//! loopback only, keeps nothing, and checks what the providers say they check.

mod account_endpoints;
mod check;
mod request;
mod response;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::model::secret::Key;
use crate::provider::spec::{ParamLocation, Vendor};
use crate::provider::{self, Provider, SandboxUpload};
use request::{account, authorised, decode, drain, query};
use response::HttpResponse;

/// What the account names of a sandbox make it do: part of the name, and the status it answers with.
pub const BEHAVIOURS: [(&str, u16); 7] = [
    ("throttled", 429),
    ("broken", 596),
    ("unknown", 404),
    ("moderated", 500),
    ("busy", 503),
    ("gateway", 502),
    ("unpaid", 402),
];

/// Something a sandbox was asked, for whoever watches it: no key, no name.
#[derive(Clone, Debug)]
pub struct SandboxRequest {
    /// `GET` or `POST`, as it was sent.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// What was answered.
    pub status: u16,
    /// Bytes of the file, for uploads that were taken.
    pub bytes: Option<u64>,
}

/// A running sandbox; dropping it stops it.
pub struct Sandbox {
    address: SocketAddr,
    stop: CancellationToken,
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own; port 0 takes a free one.
    pub fn start(port: u16, seen: Arc<dyn Fn(SandboxRequest) + Send + Sync>) -> std::io::Result<Sandbox> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        std::thread::Builder::new().name("hoist-sandbox".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = serve(listener, address, seen) => {
                        if let Err(e) = result {
                            tracing::error!("the sandbox stopped: {e}");
                        }
                    }
                    () = stopped.cancelled() => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Sandbox { address, stop })
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the made-up keys it takes, by vendor.
    pub fn keys() -> HashMap<&'static str, Key> {
        let key = |s: &Vendor| Key::new(s.sandbox_key.to_owned()).ok().map(|key| (s.id, key));
        provider::vendors().into_iter().filter_map(key).collect()
    }

    /// Returns the variables that send every provider's calls to the sandbox, and their value.
    pub fn bases(&self) -> HashMap<&'static str, String> {
        let both = |s: &Vendor| [Some(s.base), s.account_base];
        provider::vendors()
            .into_iter()
            .flat_map(both)
            .flatten()
            .map(|base| (base.env, self.origin()))
            .collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Shop {
    origin: String,
    seen: Arc<dyn Fn(SandboxRequest) + Send + Sync>,
    /// How often each polled upload was asked for.
    polled: Mutex<HashMap<String, (SandboxUpload, u32)>>,
    ids: Mutex<(RandomState, u64)>,
}

fn serve(
    listener: TcpListener,
    address: SocketAddr,
    seen: Arc<dyn Fn(SandboxRequest) + Send + Sync>,
) -> impl Future<Output = std::io::Result<()>> {
    let shop = Arc::new(Shop {
        origin: format!("http://{address}"),
        seen,
        polled: Mutex::default(),
        ids: Mutex::new((RandomState::new(), 0)),
    });
    let app = axum::Router::new().fallback(move |request: Request<Body>| {
        let shop = Arc::clone(&shop);
        async move {
            let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
            let answer = shop.answer(request).await;
            (shop.seen)(SandboxRequest { method, path, status: answer.status, bytes: answer.bytes });
            answer.into_response()
        }
    });
    async move { axum::serve(listener, app).await }
}

impl Shop {
    async fn answer(&self, request: Request<Body>) -> HttpResponse {
        let path = request.uri().path().to_owned();
        if let Some(answer) = account_endpoints::answer(&request) {
            return answer;
        }
        let Some((provider, in_path)) = route(&path) else {
            return HttpResponse::new(404, serde_json::json!({ "error": "This sandbox knows no such call" }));
        };
        let facts = provider.facts();
        if !authorised(&request, facts) {
            drain(request.into_body()).await;
            return HttpResponse::refuse(facts, 401, None);
        }
        let method = request.method().clone();
        match method {
            Method::POST => self.receive(provider, in_path, request).await,
            Method::GET => self.poll(provider, &request),
            _ => HttpResponse::refuse(facts, 405, Some("Method not allowed")),
        }
    }

    async fn receive(
        &self,
        provider: &dyn Provider,
        in_path: Option<String>,
        request: Request<Body>,
    ) -> HttpResponse {
        let facts = provider.facts();
        let account = account(facts, in_path, &request);
        let behaviour = account.as_deref().and_then(|a| BEHAVIOURS.iter().find(|(part, _)| a.contains(part)));
        if let Some((_, status)) = behaviour {
            drain(request.into_body()).await;
            return HttpResponse::refuse(facts, *status, None);
        }
        match check::upload(facts, request).await {
            Ok(checked) => {
                let arrived = SandboxUpload {
                    media: checked.media,
                    size: checked.size,
                    name: checked.name,
                    account,
                    pixels: checked.pixels,
                    uuid: self.uuid(),
                    origin: self.origin.clone(),
                    polled: 0,
                };
                let (status, body) = provider.example(&arrived);
                let bytes = Some(arrived.size);
                self.polled.lock().insert(arrived.uuid.clone(), (arrived, 0));
                HttpResponse { bytes, ..HttpResponse::new(status, body) }
            }
            Err(refused) => HttpResponse::refuse(facts, refused.status, Some(&refused.words)),
        }
    }

    fn poll(&self, provider: &dyn Provider, request: &Request<Body>) -> HttpResponse {
        let id = query(request, "id").unwrap_or_default();
        match self.polled.lock().get_mut(&id) {
            Some((arrived, times)) => {
                *times += 1;
                let (status, body) = provider.example(&SandboxUpload { polled: *times, ..arrived.clone() });
                HttpResponse::new(status, body)
            }
            None => HttpResponse::refuse(provider.facts(), 404, Some("Not found")),
        }
    }

    fn uuid(&self) -> String {
        let mut ids = self.ids.lock();
        ids.1 += 1;
        let (a, b) = (ids.0.hash_one(ids.1), ids.0.hash_one((ids.1, 1)));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0xfff,
            b & 0xffff_ffff_ffff
        )
    }
}

/// Returns the provider whose path this is, and the account where it stands in the path.
fn route(path: &str) -> Option<(&'static dyn Provider, Option<String>)> {
    provider::ALL.into_iter().find_map(|p| {
        let facts = p.facts();
        if path == facts.path {
            return Some((p, None));
        }
        let rest = path.strip_prefix(facts.path)?.strip_prefix('/')?;
        let in_path = facts.account.is_some_and(|a| a.location == ParamLocation::Path) && !rest.contains('/');
        (in_path && !rest.is_empty()).then(|| (p, Some(decode(rest))))
    })
}
