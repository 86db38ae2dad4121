//! Reads what the derived readers cannot: what is a text or a table, and tables in their order.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A text, or a list of texts.
#[derive(Debug, Default, Clone)]
pub struct Many(pub Vec<String>);

/// A table of texts, each a template. They are sent in its order.
#[derive(Debug, Default)]
pub struct Pairs(pub Vec<(String, String)>);

/// Reads what is a text or a table, and keeps the table's own errors, which name its fields.
pub(super) struct TextOrTable<T> {
    pub(super) expected: &'static str,
    pub(super) text: fn(&str) -> Option<T>,
    pub(super) table: PhantomData<T>,
}

pub(super) trait FromTable: Sized {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

impl<'de, T: FromTable> Visitor<'de> for TextOrTable<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.text)(text).ok_or_else(|| E::custom(format!("expected {}", self.expected)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read(map)
    }
}

macro_rules! text_or_table {
    ($type:ty, $expected:literal, $text:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let visitor = TextOrTable { expected: $expected, text: $text, table: PhantomData };
                deserializer.deserialize_any(visitor)
            }
        }
    };
}

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Many, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Many;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Many, E> {
                Ok(Many(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Many, A::Error> {
                let mut texts = vec![];
                while let Some(text) = all.next_element()? {
                    texts.push(text);
                }
                Ok(Many(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// Reads a table in its order.
pub(super) struct InOrder<V>(pub(super) PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
    type Value = Vec<(String, V)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = vec![];
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData)).map(Pairs)
    }
}

pub(super) use text_or_table;
