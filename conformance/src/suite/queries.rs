//! Queries of Hazelcast's maps: each predicate, pages, aggregators and projections, on records that are
//! derived and that no member has a class of.

use gridwire_core::hazelcast::compact::Compact;
use gridwire_core::hazelcast::query::{
    Aggregator, Anchor, Filter, Page, Pages, Projection, aggregate, all_of, always_false,
    always_true, any_of, attr, instance_of, key, not, paging, partition, partitions, project, sql,
    this,
};
use gridwire_core::hazelcast::serialization::{BigDecimal, BigInteger, Entry};
use gridwire_core::hazelcast::{
    Client, Config, Error, Hazelcast, Map, Readable, Structures, Value,
};
use gridwire_core::invoker::{AsyncInvoker, Invoker};

use super::maps::done;
use super::{name, soon, with_client};
use crate::adapter::Adapter;

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "gridwire.person")]
struct Person {
    name: String,
    age: i32,
    city: Option<String>,
    score: f64,
    visits: i64,
    balance: BigDecimal,
    tags: Vec<String>,
    home: Home,
}

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "gridwire.home")]
struct Home {
    street: String,
}

fn person(n: i32) -> Person {
    Person {
        name: format!("name{n}"),
        age: 20 + n,
        city: (n % 2 == 0).then(|| format!("c{}", n % 3)),
        score: f64::from(n) / 2.0,
        visits: i64::from(n) * 1_000_000_000_000,
        balance: BigDecimal::new(i128::from(n) * 100 + 5, 2),
        tags: vec![format!("t{n}"), "all".into()],
        home: Home { street: format!("s{}", n % 5) },
    }
}

/// One map, asked.
struct Asked<V, I>(Map<i32, V, I>);

impl<V: Readable, I: AsyncInvoker<Family = Hazelcast>> Asked<V, I> {
    /// The keys that match, in order.
    async fn keys(&self, filter: &impl Filter) -> Vec<i32> {
        let mut keys = soon(I::future(self.0.keys_where(filter))).await.expect("keys");
        keys.sort_unstable();
        keys
    }

    async fn page(&self, pages: &impl Pages) -> Page<V> {
        soon(I::future(self.0.values_page(pages))).await.expect("a page")
    }

    async fn aggregate<R: Readable>(&self, aggregator: &Aggregator<'_, R>) -> Result<R, Error> {
        soon(I::future(self.0.aggregate(aggregator))).await
    }

    async fn aggregate_where<R: Readable>(
        &self,
        aggregator: &Aggregator<'_, R>,
        filter: &impl Filter,
    ) -> R {
        let call = self.0.aggregate_where(aggregator, filter);
        soon(I::future(call)).await.expect("an aggregate")
    }

    async fn project<R: Readable>(
        &self,
        projection: &Projection<'_, R>,
        filter: &impl Filter,
    ) -> Vec<R> {
        let call = self.0.project_where(projection, filter);
        soon(I::future(call)).await.expect("a projection")
    }
}

/// Each kind of predicate, on people from 0 to 9.
pub fn predicates<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let people = client.map::<i32, Person>(&name::<A>("people"));
        for n in 0..10 {
            done(people.set(&n, &person(n)), client).await;
        }
        let asked = Asked(people.clone());
        let (age, name, city) = (attr("age"), attr("name"), attr("city"));
        let some = |keys: &[i32]| keys.to_vec();
        for (predicate, keys) in [
            (age.ge(28), some(&[8, 9])),
            (age.gt(28), some(&[9])),
            (age.le(21), some(&[0, 1])),
            (age.lt(21), some(&[0])),
            // The value is converted to the attribute's type.
            (age.eq(25i64), some(&[5])),
            (age.ne(25).and(age.between(24, 26)), some(&[4, 6])),
            (age.is_in([21, 23, 99]), some(&[1, 3])),
            (name.like("name_").and(name.like("%3")), some(&[3])),
            (name.ilike("NAME7"), some(&[7])),
            (name.regex("n.*[45]"), some(&[4, 5])),
            (city.is_null(), some(&[1, 3, 5, 7, 9])),
            (city.is_not_null() & age.gt(25), some(&[6, 8])),
            (city.eq("c0") | name.eq("name1"), some(&[0, 1, 6])),
            (!age.ge(22), some(&[0, 1])),
            (not(sql("age >= 22")), some(&[0, 1])),
            (sql("age = 22 OR name LIKE 'name9'"), some(&[2, 9])),
            (attr("tags").any().eq("t6"), some(&[6])),
            (attr("tags").at(1).eq("all").and(key().lt(2)), some(&[0, 1])),
            (attr("home").field("street").eq("s1"), some(&[1, 6])),
            (attr("balance").gt(BigDecimal::new(805, 2)), some(&[9])),
            (attr("score").between(1.0, 1.5), some(&[2, 3])),
            (key().is_in(0..3), some(&[0, 1, 2])),
            (always_false(), some(&[])),
            (any_of([]), some(&[])),
            (all_of([]), (0..10).collect()),
            (always_true(), (0..10).collect()),
        ] {
            assert_eq!(asked.keys(&predicate).await, keys, "{predicate}");
            let one = asked.aggregate_where(&aggregate::count(), &predicate).await;
            assert_eq!(one, keys.len() as i64, "{predicate}");
            // Where a key lives, there are at least its own entry and perhaps others.
            let near = asked.keys(&partition(3, predicate.clone())).await;
            assert!(near.iter().all(|key| keys.contains(key)), "{predicate}");
            assert_eq!(near.contains(&3), keys.contains(&3), "{predicate}");
            let near = asked.keys(&partitions([3, 6], predicate.clone())).await;
            assert!(near.iter().all(|key| keys.contains(key)), "{predicate}");
            assert_eq!(near.contains(&6), keys.contains(&6), "{predicate}");
        }
    });
}

/// Pages of numbers from 0 to 9, whole and in some partitions.
pub fn pages<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let numbers = client.map::<i32, i32>(&name::<A>("numbers"));
        for n in 0..10 {
            done(numbers.set(&n, &n), client).await;
        }
        let asked = Asked(numbers.clone());
        let mut pages = paging(3).filter(this().ge(2));
        let ends = |page: &Page<i32>| -> Vec<(u32, i32)> {
            let end = |anchor: &Anchor| client.codec().to_value(&anchor.value).unwrap();
            page.anchors.iter().map(|anchor| (anchor.page, end(anchor))).collect()
        };
        for (items, anchors) in [
            (&[2, 3, 4][..], &[(0, 4)][..]),
            (&[5, 6, 7], &[(0, 4), (1, 7)]),
            // The last page isn't full, and ends nowhere.
            (&[8, 9], &[(0, 4), (1, 7)]),
            (&[], &[(0, 4), (1, 7)]),
        ] {
            let page = asked.page(&pages).await;
            assert_eq!((&*page, &*ends(&page)), (items, anchors), "{pages}");
            pages.advance(&page);
        }
        pages.go_to(1);
        assert_eq!(asked.page(&pages).await.items, [5, 6, 7]);
        pages.reset();
        pages.go_to(2);
        assert_eq!(asked.page(&pages).await.items, [8, 9]);

        // What is in one partition, or in two, page by page, is what is there all at once.
        for keys in [vec![4], vec![4, 5]] {
            let all = if let [key] = *keys {
                asked.keys(&partition(key, this().ge(2))).await
            } else {
                asked.keys(&partitions(keys.clone(), this().ge(2))).await
            };
            let mut found = Vec::new();
            let mut pages = paging(1).filter(this().ge(2));
            loop {
                let page = match *keys {
                    [key] => asked.page(&partition(key, pages.clone())).await,
                    _ => asked.page(&partitions(keys.clone(), pages.clone())).await,
                };
                if page.is_empty() {
                    break;
                }
                pages.advance(&page);
                found.extend(page);
            }
            assert_eq!(found, all, "of the partitions of {keys:?}");
            assert!(keys.iter().all(|key| found.contains(key)));
        }
    });
}

/// All aggregators, by the values of people and of big numbers; and all projections.
pub fn aggregates<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |client| {
        let people = client.map::<i32, Person>(&name::<A>("people to count"));
        let asked = &Asked(people.clone());
        // Of nothing first.
        assert_eq!(asked.aggregate(&aggregate::i32_avg().of("age")).await, Ok(None));
        assert_eq!(asked.aggregate(&aggregate::max::<i32>().of("age")).await, Ok(None));
        assert_eq!(asked.aggregate(&aggregate::i32_sum().of("age")).await, Ok(0));
        for n in 0..4 {
            done(people.set(&n, &person(n)), client).await;
        }
        let million = 1_000_000_000_000;
        assert_eq!(asked.aggregate(&aggregate::count()).await, Ok(4));
        assert_eq!(asked.aggregate(&aggregate::count().of("age")).await, Ok(4));
        assert_eq!(asked.aggregate(&aggregate::i32_avg().of("age")).await, Ok(Some(21.5)));
        assert_eq!(asked.aggregate(&aggregate::i32_sum().of("age")).await, Ok(86));
        assert_eq!(asked.aggregate(&aggregate::avg().of("age")).await, Ok(Some(21.5)));
        assert_eq!(asked.aggregate(&aggregate::sum().of("age")).await, Ok(86.0));
        assert_eq!(asked.aggregate(&aggregate::whole_sum().of("score")).await, Ok(2));
        assert_eq!(asked.aggregate(&aggregate::f64_avg().of("score")).await, Ok(Some(0.75)));
        assert_eq!(asked.aggregate(&aggregate::f64_sum().of("score")).await, Ok(3.0));
        assert_eq!(asked.aggregate(&aggregate::i64_sum().of("visits")).await, Ok(6 * million));
        let mean = asked.aggregate(&aggregate::i64_avg().of("visits")).await;
        assert_eq!(mean, Ok(Some(1.5 * million as f64)));
        let sum = asked.aggregate(&aggregate::decimal_sum().of("balance")).await;
        assert_eq!(sum, Ok(BigDecimal::new(620, 2)));
        let mean = asked.aggregate(&aggregate::decimal_avg().of("balance")).await;
        assert_eq!(mean, Ok(Some(BigDecimal::new(155, 2))));
        assert_eq!(asked.aggregate(&aggregate::max().of("age")).await, Ok(Some(23)));
        let least = asked.aggregate(&aggregate::min().of("name")).await;
        assert_eq!(least, Ok(Some(String::from("name0"))));
        let last = asked.aggregate(&aggregate::max_by().of("age")).await;
        assert_eq!(last, Ok(Some(Entry(3, person(3)))));
        let first = asked.aggregate(&aggregate::min_by().of("score")).await;
        assert_eq!(first, Ok(Some(Entry(0, person(0)))));
        let mut tags =
            asked.aggregate(&aggregate::distinct::<String>().of("tags[any]")).await.unwrap().0;
        tags.sort();
        assert_eq!(tags, ["all", "t0", "t1", "t2", "t3"].map(String::from));
        let of_strings = asked.aggregate(&aggregate::i32_sum().of("name")).await;
        assert!(matches!(of_strings, Err(Error::Remote(_))), "{of_strings:?}");

        let numbers = client.map::<i32, BigInteger>(&name::<A>("big numbers"));
        for n in 0..4i32 {
            let number = BigInteger::from(i128::from(n) << 100);
            done(numbers.set(&n, &number), client).await;
        }
        let big = Asked(numbers.clone());
        let sum = big.aggregate(&aggregate::integer_sum()).await;
        assert_eq!(sum, Ok(BigInteger::from(6i128 << 100)));
        let mean = big.aggregate(&aggregate::integer_avg()).await.unwrap().unwrap();
        assert_eq!(mean.unscaled, BigInteger::from((6i128 << 100) / 4));
        assert_eq!(big.keys(&instance_of("java.math.BigInteger")).await.len(), 4);
        assert_eq!(big.keys(&instance_of("java.lang.String")).await.len(), 0);
        assert_eq!(big.keys(&this().ge(BigInteger::from(3i128 << 100))).await, [3]);

        let old = attr("age").ge(22);
        let mut names = asked.project(&project::attribute::<String>("name"), &old).await;
        names.sort();
        assert_eq!(names, ["name2", "name3"]);
        let mut cities = asked.project(&project::attribute::<Option<String>>("city"), &old).await;
        cities.sort();
        assert_eq!(cities, [None, Some("c2".into())]);
        let both = project::attributes::<(String, Option<String>, i32)>(["name", "city", "__key"]);
        let mut both: Vec<_> =
            asked.project(&both, &old).await.into_iter().map(|row| row.0).collect();
        both.sort();
        let row = |name: &str, city: Option<&str>, key| (name.into(), city.map(Into::into), key);
        assert_eq!(both, [row("name2", Some("c2"), 2), row("name3", None, 3)]);
        let entries = project::entry::<i32, Person>();
        let one = asked.project(&entries, &key().eq(1)).await;
        assert_eq!(one, [Entry(1, person(1))]);
        let any = asked.project(&project::attribute::<Value>("age"), &key().eq(1)).await;
        assert_eq!(any, [Value::I32(21)]);
    });
}
