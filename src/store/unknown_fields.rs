//! Fields of the settings file that this version does not know: a newer Hoist's, which are kept where an older one saves.

use std::cell::Cell;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use toml::{Table, Value};

use super::settings::Settings;
use crate::model::copy_format::CopyTemplate;
use crate::model::destination::{Destination, KeyRecord};

/// Takes over what was in the file and is not known: of the settings, and of each entry of a list.
pub(super) fn keep(before: &Table, after: &mut Table) {
    keep_in(before, after, fields_of::<Settings>());
    for (list, known) in [
        ("destination", fields_of::<Destination>()),
        ("key", fields_of::<KeyRecord>()),
        ("template", fields_of::<CopyTemplate>()),
    ] {
        let (Some(Value::Array(earlier)), Some(Value::Array(entries))) =
            (before.get(list), after.get_mut(list))
        else {
            continue;
        };
        let name = |entry: &Value| entry.get("name").and_then(Value::as_str).map(ToOwned::to_owned);
        let names: Vec<_> = entries.iter().map(name).collect();
        for (index, entry) in entries.iter_mut().enumerate() {
            let same = earlier.iter().find(|earlier| name(earlier) == names[index]);
            // One that is called otherwise now stands where it stood.
            let renamed = earlier.get(index).filter(|earlier| !names.contains(&name(earlier)));
            let same = same.or(renamed).and_then(Value::as_table);
            if let (Some(same), Some(entry)) = (same, entry.as_table_mut()) {
                keep_in(same, entry, known);
            }
        }
    }
}

fn keep_in(before: &Table, after: &mut Table, known: &[&str]) {
    let unknown = before.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    for (name, value) in unknown {
        after.entry(name.as_str()).or_insert_with(|| value.clone());
    }
}

/// Returns the names of a type's fields, as files have them: also of those that are written only where they are set.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let fields = Cell::new(&[][..]);
    let _ = T::deserialize(FieldReader(&fields)); // it has no values to give
    fields.get()
}

/// Notes the fields that a type asks for.
struct FieldReader<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for FieldReader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("there are no values"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(fields);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_this_version_is_known_also_one_that_is_not_set() {
        let known = fields_of::<Settings>();
        let written = Table::try_from(Settings::default()).unwrap();
        assert!(written.keys().all(|name| known.contains(&name.as_str())), "{known:?}");
        assert!(["chosen", "chosen_template", "destination"].iter().all(|name| known.contains(name)));
        assert!(
            fields_of::<KeyRecord>().contains(&"label") && fields_of::<Destination>().contains(&"account")
        );
        assert_eq!(fields_of::<CopyTemplate>(), ["name", "line"]);
    }
}
