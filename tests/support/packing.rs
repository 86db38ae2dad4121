//! Bodies as services pack them, for the tests beside `engine::reply` and those over sockets.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(vec![], Compression::default());
    out.write_all(body).unwrap();
    out.finish().unwrap()
}

pub(crate) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(vec![], Compression::default());
    out.write_all(body).unwrap();
    out.finish().unwrap()
}

pub(crate) fn deflate(body: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(vec![], Compression::default());
    out.write_all(body).unwrap();
    out.finish().unwrap()
}
