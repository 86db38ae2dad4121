//! Pixels: the libraries that read and write pictures, behind functions without type parameters, and what goes over each pixel.
//!
//! What these libraries do stands in generic code, which is built where it is used. Here it is built once, and optimised to
//! the full; Hoist itself, which only calls it, is built quickly.

pub mod hdr;
pub mod jpeg;
pub mod png;
pub mod raster;
pub mod read;
pub mod scale;
pub mod webp;
pub mod yuv;
