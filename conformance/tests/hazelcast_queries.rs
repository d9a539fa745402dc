//! Predicates, aggregators and projections that released clients sent: read, and written again to the
//! same bytes.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use bytes::BytesMut;
use gridwire_conformance::capture::{self, Direction};
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::custom::PagingPredicateHolder;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::query::{Aggregation, Distinct, Entry, Fields, Pages, Query, Row};
use gridwire_core::hazelcast::{Codec, Data, Message, Payload, Read, Value, Write};
