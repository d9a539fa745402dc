//! [`Paging`]: a query whose answer comes in pages, in the order of keys, of values, or of a comparator
//! that the members have.
//!
//! ```text
//! page 0 of this >= 2 by 3 → [2 3 4]   anchors (0: 4)
//! page 1                   → [5 6 7]   anchors (0: 4) (1: 7)      an anchor: the last entry of a page
//! ```
//!
//! Members keep no cursor. They tell where the pages end that they passed, and are told so with the next
//! request: without it they would sort out all pages before the wanted one again. Pages are no snapshot.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::operand::Operand;
use super::partition::{NO_KEY, PartitionPredicate, Query};
use super::predicate::Predicate;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::message::custom::{AnchorDataListHolder, PagingPredicateHolder};
use crate::hazelcast::serialization::{Codec, Pack, Write};
use crate::{Fault, Malformed};

/// A query that is read page by page, and the page that comes next.
///
/// It is sent in a form of its own, so it is no [`Predicate`]: it can't stand inside one, nor restrict an
/// aggregation. Only [`partition`](super::partition()) may be put around it.
#[derive(Clone)]
pub struct Paging<'a> {
    size: u32,
    page: u32,
    predicate: Option<Predicate<'a>>,
    comparator: Option<Operand<'a>>,
    /// By what the anchors were sorted; those of another order would lead astray.
    sorted: Iteration,
    anchors: Vec<Anchor>,
}

/// What a query iterates over, and is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Iteration {
    /// Keys.
    Keys,
    /// Values.
    #[default]
    Values,
    /// Entries, which need a comparator unless their values are to be compared.
    Entries,
}

/// Where a page ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The page, from 0.
    pub page: u32,
    /// The key of its last entry.
    pub key: Data,
    /// The value of its last entry.
    pub value: Data,
}

/// A page of an answer: its items, and what was learned about where pages end.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it; nothing, past the last.
    pub items: Vec<T>,
    /// What it was sorted by.
    pub iteration: Iteration,
    /// Where this page and those before it end.
    pub anchors: Vec<Anchor>,
}

/// All entries in pages of this size, which is at least 1.
pub fn paging<'a>(size: u32) -> Paging<'a> {
    Paging {
        size,
        page: 0,
        predicate: None,
        comparator: None,
        sorted: Iteration::default(),
        anchors: Vec::new(),
    }
}

impl<'a> Paging<'a> {
    /// Only entries that match.
    pub fn filter(mut self, predicate: Predicate<'a>) -> Self {
        self.predicate = Some(predicate);
        self.reset();
        self
    }

    /// In the order of a `Comparator` of entries that the members have, as any value that they read it
    /// from.
    pub fn order_by(mut self, comparator: impl Write + Send + Sync + 'a) -> Self {
        self.comparator = Some(Operand::new(comparator));
        self.reset();
        self
    }

    /// Items a page.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The page that comes next, from 0.
    pub fn page(&self) -> u32 {
        self.page
    }

    /// What matches.
    pub fn predicate(&self) -> Option<&Predicate<'a>> {
        self.predicate.as_ref()
    }

    /// The order, if it isn't that of keys or values themselves.
    pub fn comparator(&self) -> Option<&Operand<'a>> {
        self.comparator.as_ref()
    }

    /// Where pages end, as far as is known.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Goes to a page.
    pub fn go_to(&mut self, page: u32) {
        self.page = page;
    }

    /// Takes note of where pages end, and goes to the one after.
    pub fn advance<T>(&mut self, page: &Page<T>) {
        self.learn(page);
        self.page = self.page.saturating_add(1);
    }

    /// Takes note of where pages end.
    pub fn learn<T>(&mut self, page: &Page<T>) {
        self.sorted = page.iteration;
        self.anchors.clone_from(&page.anchors);
    }

    /// Goes back to the first page, with nothing known.
    pub fn reset(&mut self) {
        self.page = 0;
        self.anchors.clear();
    }

    /// What is sent.
    fn holder(
        &self,
        pack: &mut Pack<'_>,
        iteration: Iteration,
    ) -> Result<PagingPredicateHolder, Error> {
        let (Ok(page_size @ 1..), Ok(page)) = (i32::try_from(self.size), i32::try_from(self.page))
        else {
            return Err(Error::Misuse("a page has at least one item, and 2^31 are too many"));
        };
        let (mut pages, mut entries) = (Vec::new(), Vec::new());
        if self.sorted == iteration {
            for anchor in &self.anchors {
                pages.push(anchor.page as i32);
                entries.push((anchor.key.clone(), anchor.value.clone()));
            }
        }
        Ok(PagingPredicateHolder {
            anchor_data_list_holder: AnchorDataListHolder {
                anchor_page_list: pages,
                anchor_data_list: entries,
            },
            predicate_data: self.predicate.as_ref().map(|it| pack.present(it)).transpose()?,
            comparator_data: self.comparator.as_ref().map(|it| pack.present(it)).transpose()?,
            page_size,
            page,
            iteration_type_id: iteration.id(),
            partition_key_data: None,
            partition_keys_data: None,
        })
    }
}

/// What may be read page by page: [`Paging`], or a [`PartitionPredicate`] around it.
pub trait Pages {
    /// What is sent, in a request that needs what is packed with it.
    ///
    /// # Errors
    /// A page of no items, or a predicate or comparator that can't be written.
    fn to_holder(&self, pack: &mut Pack<'_>, by: Iteration)
    -> Result<PagingPredicateHolder, Error>;
}

impl Pages for Paging<'_> {
    fn to_holder(
        &self,
        pack: &mut Pack<'_>,
        by: Iteration,
    ) -> Result<PagingPredicateHolder, Error> {
        self.holder(pack, by)
    }
}

impl Pages for PartitionPredicate<'_, Paging<'_>> {
    fn to_holder(
        &self,
        pack: &mut Pack<'_>,
        by: Iteration,
    ) -> Result<PagingPredicateHolder, Error> {
        let mut holder = self.target().holder(pack, by)?;
        if self.keys().is_empty() {
            return Err(NO_KEY);
        }
        let keys = self.keys().iter().map(|key| pack.present(key));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if !self.is_several() {
            holder.partition_key_data = keys.first().cloned();
        }
        holder.partition_keys_data = Some(keys);
        Ok(holder)
    }
}

impl<'a> Query<'a, Paging<'a>> {
    /// What a member was sent.
    ///
    /// # Errors
    /// A size or a page below zero, an unknown iteration, lists of anchors of different lengths, or a
    /// predicate that can't be read.
    pub fn from_holder(
        codec: &Codec,
        holder: &PagingPredicateHolder,
    ) -> Result<(Self, Iteration), Error> {
        let value = |number: i32| fault(Fault::Value(number.into()));
        let number = |number: i32| u32::try_from(number).map_err(|_| value(number));
        if holder.page_size == 0 {
            return Err(value(0));
        }
        let by = Iteration::from_id(holder.iteration_type_id)
            .ok_or_else(|| value(holder.iteration_type_id.into()))?;
        let any = |data: &Data| codec.to_value::<Operand<'a>>(data);
        let paging = Paging {
            size: number(holder.page_size)?,
            page: number(holder.page)?,
            predicate: holder.predicate_data.as_ref().map(|it| codec.to_value(it)).transpose()?,
            comparator: holder.comparator_data.as_ref().map(any).transpose()?,
            sorted: by,
            anchors: Anchor::list(&holder.anchor_data_list_holder)?,
        };
        // One key is sent in both places: as members before 2.5 know it, and as one of several.
        let several = holder.partition_keys_data.as_deref().unwrap_or_default();
        let query = match (&holder.partition_key_data, several) {
            (None, []) => Self::Everywhere(paging),
            (Some(key), [] | [_]) => {
                let keys = [any(key)?].into();
                Self::Partitions(PartitionPredicate::received(keys, false, paging))
            }
            (_, keys) => {
                let keys = keys.iter().map(any).collect::<Result<_, _>>()?;
                Self::Partitions(PartitionPredicate::received(keys, true, paging))
            }
        };
        Ok((query, by))
    }
}

impl Anchor {
    /// What an answer says of where pages end, copied out of its message.
    ///
    /// # Errors
    /// The lists are of different lengths, or a page is below zero.
    pub fn list(holder: &AnchorDataListHolder) -> Result<Vec<Self>, Error> {
        if holder.anchor_page_list.len() != holder.anchor_data_list.len() {
            return Err(fault(Fault::Other("not as many anchors as pages")));
        }
        let pages = holder.anchor_page_list.iter().zip(&holder.anchor_data_list);
        pages
            .map(|(page, (key, value))| {
                let page = u32::try_from(*page).map_err(|_| fault(Fault::Value((*page).into())))?;
                Ok(Self { page, key: key.detached(), value: value.detached() })
            })
            .collect()
    }
}

impl Iteration {
    /// As it is sent.
    pub const fn id(self) -> i8 {
        match self {
            Self::Keys => 0,
            Self::Values => 1,
            Self::Entries => 2,
        }
    }

    /// As it was sent.
    pub const fn from_id(id: i8) -> Option<Self> {
        match id {
            0 => Some(Self::Keys),
            1 => Some(Self::Values),
            2 => Some(Self::Entries),
            _ => None,
        }
    }
}

impl<T> Deref for Page<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl fmt::Display for Paging<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(predicate) = &self.predicate {
            write!(f, "{predicate} ")?;
        }
        if let Some(comparator) = &self.comparator {
            write!(f, "ORDER BY {comparator} ")?;
        }
        write!(f, "PAGE {} BY {}", self.page, self.size)
    }
}

impl fmt::Debug for Paging<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn fault(fault: Fault) -> Error {
    Malformed::new("PagingPredicateHolder", fault).into()
}
