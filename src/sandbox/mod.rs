//! A local server that speaks all documented APIs, made from the same tables the uploads are made from. It listens on
//! loopback only, keeps nothing, and checks what the providers say they check.

mod account_endpoints;
mod check;
mod request;
mod response;

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::model::media::Media;
use crate::model::secret::Key;
use crate::provider::spec::{Auth, Vendor};
use crate::provider::{self, Provider, Route, SandboxUpload};
use request::{account, drain, key_of, query};
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
        let key = |s: &Vendor| Key::new(s.sandbox.key.to_owned()).ok().map(|key| (s.id, key));
        provider::vendors().into_iter().filter_map(key).collect()
    }

    /// Returns the variables that send every provider's calls to the sandbox, and their value.
    pub fn bases(&self) -> HashMap<&'static str, String> {
        let all = provider::vendors().into_iter().flat_map(|vendor| vendor.endpoints);
        all.map(|endpoint| (endpoint.env, self.origin())).collect()
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
    /// The uploads that have begun, by the number that their addresses have.
    begun: Mutex<HashSet<String>>,
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
        begun: Mutex::default(),
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
        if let Some(answer) = account_endpoints::answer(&request) {
            return answer;
        }
        let method = request.method().clone();
        let path = request.uri().path();
        if let Some((provider, step, uuid)) = self.named(path) {
            return match method {
                // What an earlier reply named needs no key.
                Method::PUT | Method::POST => self.receive(provider, step, Some(uuid), None, request).await,
                _ => HttpResponse::refuse(provider.facts(), 405, Some("Method not allowed")),
            };
        }
        let mut all = routes(path);
        let Some(first) = all.first().map(|(provider, _)| provider.facts()) else {
            // People open the links that uploads led to.
            let what = match method {
                Method::GET => {
                    "This is Hoist's sandbox: nothing is online. With a key of your own, a link opens the file"
                }
                _ => "This sandbox knows no such call",
            };
            return HttpResponse::new(404, serde_json::json!({ "error": what }));
        };
        // Several vendors may have the same path: the key tells them apart.
        all.retain(|(provider, _)| is_authorised(&request, provider.facts().vendor));
        let Some((known, _)) = all.first().cloned() else {
            drain(request.into_body()).await;
            return HttpResponse::refuse(first, 401, None);
        };
        match all.into_iter().find(|(_, route)| route.method.as_str() == method.as_str()) {
            Some((provider, route)) if route.step == 0 => self.poll(provider, &route, &request),
            Some((provider, route)) => self.receive(provider, route.step, None, route.account, request).await,
            None => HttpResponse::refuse(known.facts(), 405, Some("Method not allowed")),
        }
    }

    /// Returns the step that an address of this sandbox stands for, which an earlier reply named.
    fn named(&self, path: &str) -> Option<(&'static Provider, usize, String)> {
        let mut names = path.strip_prefix("/sandbox/")?.split('/');
        let (id, step, uuid) = (names.next()?, names.next()?.parse().ok()?, names.next()?);
        let provider = provider::by_id(id).filter(|provider| step <= provider.steps())?;
        self.begun.lock().contains(uuid).then(|| (provider, step, uuid.to_owned()))
    }

    async fn receive(
        &self,
        provider: &'static Provider,
        step: usize,
        known: Option<String>,
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
        let uuid = known.unwrap_or_else(|| self.uuid());
        let next = format!("{}/sandbox/{}/{}/{uuid}", self.origin, facts.id, step + 1);
        let arrived = SandboxUpload {
            media: facts.types().next().unwrap_or(Media::Png),
            size: 0,
            name: None,
            account,
            pixels: None,
            uuid,
            origin: self.origin.clone(),
            next,
            polled: 0,
        };
        let (arrived, bytes) = if step == provider.file_step() + 1 {
            match check::upload(facts, request).await {
                Ok(checked) => {
                    let check::Checked { media, size, name, pixels } = checked;
                    (SandboxUpload { media, size, name, pixels, ..arrived }, Some(size))
                }
                Err(refused) => return HttpResponse::refuse(facts, refused.status, Some(&refused.message)),
            }
        } else {
            drain(request.into_body()).await;
            (arrived, None)
        };
        let (status, body) = provider.example(step, &arrived);
        let headers = provider.example_headers(step, &arrived);
        self.begun.lock().insert(arrived.uuid.clone());
        if step == provider.steps() {
            self.polled.lock().insert(arrived.uuid.clone(), (arrived, 0));
        }
        HttpResponse { bytes, headers, ..HttpResponse::new(status, body) }
    }

    fn poll(&self, provider: &Provider, route: &Route, request: &Request<Body>) -> HttpResponse {
        let id = route.id.clone().or_else(|| query(request, "id")).unwrap_or_default();
        match self.polled.lock().get_mut(&id) {
            Some((arrived, times)) => {
                *times += 1;
                let (status, body) =
                    provider.example(0, &SandboxUpload { polled: *times, ..arrived.clone() });
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

/// Lists the providers that have such a path, and which of their calls it is.
fn routes(path: &str) -> Vec<(&'static Provider, Route)> {
    let all = provider::all().into_iter();
    all.flat_map(|provider| provider.routes(path).into_iter().map(move |route| (provider, route))).collect()
}

/// Returns whether a request has a key that is taken. One in a form is looked for where the form is read.
fn is_authorised(request: &Request<Body>, vendor: &Vendor) -> bool {
    matches!(vendor.auth, Auth::Field(_)) || key_of(request, vendor).is_some()
}
