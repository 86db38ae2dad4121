//! Connections, plain or with TLS, and the certificates shown in them.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Which certificate a server shows. All but one are signed by an authority of the tests' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// For this computer's address: with it everything must work, or the others prove nothing.
    Good,
    /// For another name.
    OtherName,
    /// For the right address, but signed by itself.
    SelfSigned,
    /// Of a day that is long over.
    Expired,
}

impl Certificate {
    const ALL: [Certificate; 4] =
        [Certificate::Good, Certificate::OtherName, Certificate::SelfSigned, Certificate::Expired];

    fn name(self) -> &'static str {
        match self {
            Certificate::Good => "good",
            Certificate::OtherName => "other-name",
            Certificate::SelfSigned => "self-signed",
            Certificate::Expired => "expired",
        }
    }

    /// Makes all certificates in a folder, and in `authority.pem` that of the authority which signed them.
    pub(crate) fn make_all(folder: &Path) {
        const AUTHORITY: &str = "[ca]\ndefault_ca = ours\n[ours]\ndatabase = index\nnew_certs_dir = .\nrand_serial = yes\n\
            certificate = authority.pem\nprivate_key = authority.key\ndefault_md = sha256\nunique_subject = no\n\
            copy_extensions = copy\npolicy = any\n[any]\ncommonName = supplied\n";
        fs::write(folder.join("authority.cnf"), AUTHORITY).unwrap();
        fs::write(folder.join("index"), "").unwrap();
        let openssl = |command: &str| {
            let mut run = Command::new("openssl");
            run.args(command.split_whitespace()).current_dir(folder).stdin(Stdio::null());
            let out = run.output().expect("openssl: run scripts/setup test");
            assert!(out.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&out.stderr));
        };
        let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(&format!(
            "req -x509 {new} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem"
        ));
        for certificate in Certificate::ALL {
            let name = certificate.name();
            let (host, when, who) = match certificate {
                Certificate::Good => ("IP:127.0.0.1", "-days 2", ""),
                Certificate::OtherName => ("DNS:other.example", "-days 2", ""),
                Certificate::SelfSigned => ("IP:127.0.0.1", "-days 2", "-selfsign -keyfile self-signed.key"),
                Certificate::Expired => {
                    ("IP:127.0.0.1", "-startdate 20200101000000Z -enddate 20200102000000Z", "")
                }
            };
            openssl(&format!(
                "req -new {new} -subj /CN=server -addext subjectAltName={host} -keyout {name}.key -out {name}.csr"
            ));
            openssl(&format!(
                "ca -batch -notext -config authority.cnf {when} {who} -in {name}.csr -out {name}.pem"
            ));
        }
    }

    /// What a server needs to show it.
    pub(super) fn config(self, folder: &Path) -> Arc<ServerConfig> {
        let file = |extension: &str| folder.join(format!("{}.{extension}", self.name()));
        let chain = vec![CertificateDer::from_pem_file(file("pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(file("key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

/// A connection.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    pub(super) fn new(socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> Stream {
        match tls {
            None => Stream::Plain(socket),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                Stream::Tls(Box::new(StreamOwned::new(connection, socket)))
            }
        }
    }

    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => stream.get_ref(),
        }
    }

    /// Says that nothing more is written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if let Stream::Tls(stream) = self {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        self.socket().shutdown(Shutdown::Write)
    }
}

impl Read for Stream {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(room),
            Stream::Tls(stream) => stream.read(room),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(socket) => socket.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
