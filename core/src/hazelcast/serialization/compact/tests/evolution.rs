//! One type name, several schemas.

use super::*;

record! { First "evolving" { id: i64, name: Option<String> } }
record! { Second "evolving" { id: i64, name: Option<String>, age: Option<i32>, tags: Vec<String> } }
record! { Third "evolving" { id: i64, age: i32, scores: Vec<Option<i64>>, plain: Vec<i64> } }

/// A type that reads what any of the three wrote.
#[derive(Debug, PartialEq)]
struct Latest {
    id: i64,
    name: String,
    age: i32,
    tags: Vec<String>,
    scores: Vec<i64>,
}

impl Compact for Latest {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType = CompactType::new(
            "evolving",
            &[
                ("id", i64::KINDS.one),
                ("name", FieldKind::Text),
                ("age", FieldKind::Int32),
                ("tags", FieldKind::TextArray),
                ("scores", FieldKind::Int64Array),
            ],
        );
        &TYPE
    }
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("id", &self.id)?;
        to.field("name", &self.name)?;
        to.field("age", &self.age)?;
        to.field("tags", &self.tags)?;
        to.field("scores", &self.scores)
    }
    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            // Not in their order, and one that it doesn't have itself.
            scores: from.field_or("scores", Vec::new())?,
            id: from.field("id")?,
            name: from.field_or_else("name", || "nobody".into())?,
            age: match from.kind("age") {
                Some(_) => from.field("age")?,
                None => from.field_or("years", -1)?,
            },
            tags: from.field_or("tags", Vec::new())?,
        })
    }
}

crate::compact!(Latest);

/// What one codec wrote, read with a codec that knows the schema but not the type that wrote it.
fn evolved<T: Compact + crate::hazelcast::Write, R: crate::hazelcast::Read>(
    value: &T,
) -> Result<R, Error> {
    let codec = Codec::default();
    codec.schemas().learn(T::compact_type().schema().unwrap());
    codec.to_value(&written(value))
}

#[test]
fn types_evolve() {
    let first = First { id: 1, name: Some("a".into()) };
    let second = Second { id: 2, name: Some("b".into()), age: Some(3), tags: vec!["t".into()] };
    let third = Third { id: 3, age: 4, scores: vec![Some(5)], plain: vec![6] };
    let latest = |id, name: &str, age, tags: &[&str], scores| Latest {
        id,
        name: name.into(),
        age,
        tags: tags.iter().map(|tag| String::from(*tag)).collect(),
        scores,
    };
    for _ in 0..2 {
        assert_eq!(evolved(&first), Ok(latest(1, "a", -1, &[], vec![])));
        assert_eq!(evolved(&second), Ok(latest(2, "b", 3, &["t"], vec![])));
        assert_eq!(evolved(&third), Ok(latest(3, "nobody", 4, &[], vec![5])));
    }
    // Older ones read newer ones; x and nullable x are each other's, in arrays too.
    assert_eq!(evolved(&second), Ok(First { id: 2, name: Some("b".into()) }));
    let errors = [
        (
            evolved::<_, Third>(&second).unwrap_err(),
            "field \"scores\" of \"evolving\": expected ARRAY_OF_NULLABLE_INT64, found no such field",
        ),
        (
            evolved::<_, Latest>(&Second { age: None, ..second.clone() }).unwrap_err(),
            "field \"age\" of \"evolving\" is null or holds null",
        ),
        (
            evolved::<_, Latest>(&First { name: None, ..first.clone() }).unwrap_err(),
            "field \"name\" of \"evolving\" is null or holds null",
        ),
        (
            evolved::<_, Latest>(&Third { scores: vec![None], ..third.clone() }).unwrap_err(),
            "field \"scores\" of \"evolving\" is null or holds null",
        ),
        (
            evolved::<_, Inner>(&first).unwrap_err(),
            "expected a record of type \"inner\", found one of type \"evolving\"",
        ),
    ];
    for (error, expected) in errors {
        assert_eq!(error.to_string(), expected);
    }
    // A field of another kind is as good as none, and an error where there is no default.
    let other =
        GenericRecord::builder("evolving").field("id", 1i64).field("name", 5).build().unwrap();
    let codec = Codec::default();
    let other = codec.to_data(&other).unwrap();
    assert_eq!(codec.to_value(&other), Ok(latest(1, "nobody", -1, &[], vec![])));
    assert_eq!(
        codec.to_value::<First>(&other).unwrap_err().to_string(),
        "field \"name\" of \"evolving\": expected STRING, found INT32"
    );
    assert_eq!(
        Codec::default().to_value::<First>(&other).unwrap_err(),
        SerializationError::UnknownSchema(
            codec.to_value::<GenericRecord>(&other).unwrap().schema().id()
        )
        .into()
    );
}
