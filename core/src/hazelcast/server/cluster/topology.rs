//! [`Topology`]: who is in the cluster and which members hold each partition, and what is to move next.
//! It knows no time and no data, so it is a table with rules.

use alloc::vec::Vec;

use smallvec::SmallVec;

/// The members that hold a partition, its owner first, by their numbers.
pub(in crate::hazelcast::server) type Replicas = SmallVec<[usize; 3]>;

/// Members and partitions.
#[derive(Debug, Clone, Default)]
pub(in crate::hazelcast::server) struct Topology {
    /// The members that the cluster counts, oldest first. Who died lately may still be among them.
    pub(in crate::hazelcast::server) members: Vec<usize>,
    pub(in crate::hazelcast::server) members_version: i32,
    rows: Vec<Row>,
    pub(in crate::hazelcast::server) table_version: i32,
    /// Backups that each partition should have.
    backups: usize,
}

#[derive(Debug, Clone, Default)]
struct Row {
    replicas: Replicas,
    /// Counts changes of this row: what was sent to a backup before one is out of date.
    epoch: u32,
}

/// A partition that is to have other replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hazelcast::server) struct Move {
    pub(in crate::hazelcast::server) partition: u32,
    pub(in crate::hazelcast::server) to: Replicas,
    /// Which replica it is that somebody else gets: 0 is the owner's.
    pub(in crate::hazelcast::server) index: usize,
    /// Who had that one.
    pub(in crate::hazelcast::server) source: Option<usize>,
    pub(in crate::hazelcast::server) destination: usize,
}

/// What the end of a member did to a partition that it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hazelcast::server) struct Bereft {
    pub(in crate::hazelcast::server) partition: u32,
    /// It was the owner, and the next replica is now.
    pub(in crate::hazelcast::server) promoted: bool,
    /// It was the last one.
    pub(in crate::hazelcast::server) lost: bool,
}

impl Topology {
    /// The partitions of these members, spread evenly.
    pub(in crate::hazelcast::server) fn new(
        members: Vec<usize>,
        partitions: usize,
        backups: usize,
    ) -> Self {
        let mut topology =
            Self { members, members_version: 1, rows: Vec::new(), table_version: 1, backups };
        topology.rows.resize_with(partitions, Row::default);
        topology.arrange();
        topology
    }

    /// Gives each partition its members anew.
    fn arrange(&mut self) {
        let count = self.members.len();
        let held = count.min(self.backups + 1);
        for (partition, row) in self.rows.iter_mut().enumerate() {
            row.epoch += 1;
            row.replicas = (0..held)
                .filter_map(|index| {
                    self.members.get((partition + index).checked_rem(count)?).copied()
                })
                .collect();
        }
        // Some numbers of members and backups don't come out even by turns.
        let version = self.table_version;
        while let Some(next) = self.next_move() {
            self.commit(&next);
        }
        self.table_version = version;
    }

    pub(in crate::hazelcast::server) fn partitions(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    pub(in crate::hazelcast::server) fn replicas(&self, partition: u32) -> &[usize] {
        self.row(partition).map_or(&[], |row| &row.replicas)
    }

    pub(in crate::hazelcast::server) fn owner(&self, partition: u32) -> Option<usize> {
        self.replicas(partition).first().copied()
    }

    pub(in crate::hazelcast::server) fn epoch(&self, partition: u32) -> u32 {
        self.row(partition).map_or(0, |row| row.epoch)
    }

    fn row(&self, partition: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(partition).ok()?)
    }

    /// Adds a member. It gets partitions by moves; all of them at once if it is the first.
    pub(in crate::hazelcast::server) fn join(&mut self, member: usize) {
        if self.members.contains(&member) {
            return;
        }
        self.members.push(member);
        self.members_version += 1;
        if self.members.len() == 1 {
            self.arrange();
            self.table_version += 1;
        }
    }

    /// Removes a member: the next replicas take its place, and partitions without one begin anew
    /// somewhere.
    pub(in crate::hazelcast::server) fn leave(&mut self, member: usize) -> Vec<Bereft> {
        let before = self.members.len();
        self.members.retain(|other| *other != member);
        if self.members.len() == before {
            return Vec::new();
        }
        self.members_version += 1;
        let mut bereft = Vec::new();
        for (partition, row) in self.rows.iter_mut().enumerate() {
            let Some(index) = row.replicas.iter().position(|other| *other == member) else {
                continue;
            };
            row.replicas.remove(index);
            row.epoch += 1;
            let lost = row.replicas.is_empty();
            if lost && let Some(at) = partition.checked_rem(self.members.len()) {
                row.replicas.extend(self.members.get(at).copied());
            }
            let partition = u32::try_from(partition).unwrap_or(u32::MAX);
            bereft.push(Bereft { partition, promoted: index == 0 && !lost, lost });
        }
        if !bereft.is_empty() {
            self.table_version += 1;
        }
        bereft
    }

    /// Makes a move that was begun.
    pub(in crate::hazelcast::server) fn commit(&mut self, made: &Move) {
        let row = usize::try_from(made.partition).ok().and_then(|at| self.rows.get_mut(at));
        if let Some(row) = row {
            row.replicas.clone_from(&made.to);
            row.epoch += 1;
            self.table_version += 1;
        }
    }

    /// The next move on the way to a table that is even: backups that are missing, then owners, then
    /// backups that are unevenly spread. Each makes the table evener, so there is an end to it.
    pub(in crate::hazelcast::server) fn next_move(&self) -> Option<Move> {
        self.missing_backup().or_else(|| self.uneven_owner()).or_else(|| self.uneven_backup())
    }

    /// How many moves are to be made.
    pub(in crate::hazelcast::server) fn moves_left(&self) -> usize {
        let mut ahead = self.clone();
        core::iter::from_fn(|| {
            let next = ahead.next_move()?;
            ahead.commit(&next);
            Some(())
        })
        .count()
    }

    /// How many partitions each member holds by this choice of replicas.
    fn loads(&self, counts: impl Fn(&[usize], usize) -> bool) -> Vec<(usize, usize)> {
        let load = |member: &usize| {
            let held = self.rows.iter().filter(|row| counts(&row.replicas, *member)).count();
            (held, *member)
        };
        self.members.iter().map(load).collect()
    }

    fn backup_loads(&self) -> Vec<(usize, usize)> {
        self.loads(|replicas, member| replicas.iter().skip(1).any(|other| *other == member))
    }

    fn rows(&self) -> impl Iterator<Item = (u32, &Replicas)> {
        (0..).zip(self.rows.iter().map(|row| &row.replicas))
    }

    fn missing_backup(&self) -> Option<Move> {
        let wanted = self.members.len().min(self.backups + 1);
        let (partition, replicas) = self.rows().find(|(_, row)| row.len() < wanted)?;
        let free = |(_, member): &(usize, usize)| !replicas.contains(member);
        let (_, destination) = self.backup_loads().into_iter().filter(free).min()?;
        let index = replicas.len();
        let mut to = replicas.clone();
        to.push(destination);
        Some(Move { partition, to, index, source: None, destination })
    }

    fn uneven_owner(&self) -> Option<Move> {
        let loads = self.loads(|replicas, member| replicas.first() == Some(&member));
        let (most, from) = *loads.iter().max()?;
        let (least, destination) = *loads.iter().min()?;
        if most <= least + 1 {
            return None;
        }
        let (partition, replicas) = self.rows().find(|(_, row)| row.first() == Some(&from))?;
        let mut to = Replicas::from_iter([destination]);
        to.extend(replicas.iter().copied().filter(|other| *other != destination));
        to.truncate(replicas.len());
        Some(Move { partition, to, index: 0, source: Some(from), destination })
    }

    fn uneven_backup(&self) -> Option<Move> {
        let loads = self.backup_loads();
        let (most, from) = *loads.iter().max()?;
        let (least, destination) = *loads.iter().min()?;
        if most <= least + 1 {
            return None;
        }
        let is_backup = |row: &&Replicas| row.iter().skip(1).any(|other| *other == from);
        let (partition, replicas) =
            self.rows().find(|(_, row)| is_backup(row) && !row.contains(&destination))?;
        let index = replicas.iter().position(|other| *other == from)?;
        let mut to = replicas.clone();
        if let Some(place) = to.get_mut(index) {
            *place = destination;
        }
        Some(Move { partition, to, index, source: Some(from), destination })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use alloc::collections::BTreeSet;
    use alloc::vec;

    fn spread(topology: &Topology) -> (usize, usize) {
        let loads = topology.loads(|replicas, member| replicas.first() == Some(&member));
        (loads.iter().min().unwrap().0, loads.iter().max().unwrap().0)
    }

    fn settle(topology: &mut Topology) -> usize {
        let mut moves = 0;
        while let Some(next) = topology.next_move() {
            let before = topology.replicas(next.partition).to_vec();
            assert_eq!(before.get(next.index).copied(), next.source);
            assert_eq!(next.to[next.index], next.destination);
            topology.commit(&next);
            moves += 1;
            assert!(moves < 5_000, "it never ends");
        }
        moves
    }

    /// Whoever comes and goes in whatever order: an even table, no partition twice at one member, and
    /// nothing lost while members leave one by one.
    #[test]
    fn tables_become_even_again() {
        for seed in 0..50 {
            let mut rng = Rng::new([seed; 32]);
            let backups = rng.below(4) as usize;
            let mut topology = Topology::new(vec![0, 1, 2], 31, backups);
            for _ in 0..12 {
                let member = rng.below(7) as usize;
                if topology.members.contains(&member) && topology.members.len() > 1 {
                    let bereft = topology.leave(member);
                    assert!(backups == 0 || bereft.iter().all(|one| !one.lost));
                } else {
                    topology.join(member);
                }
                assert_eq!(topology.moves_left(), settle(&mut topology));
                let (least, most) = spread(&topology);
                assert!(most - least <= 1, "{least} to {most}");
                let wanted = topology.members.len().min(backups + 1);
                for partition in 0..31 {
                    let replicas = topology.replicas(partition);
                    let different: BTreeSet<_> = replicas.iter().collect();
                    assert_eq!((replicas.len(), different.len()), (wanted, wanted));
                    assert!(replicas.iter().all(|member| topology.members.contains(member)));
                }
            }
        }
    }

    #[test]
    fn the_first_backup_takes_the_owners_place() {
        let mut topology = Topology::new(vec![0, 1, 2], 6, 1);
        assert_eq!((topology.replicas(0), topology.replicas(2)), (&[0, 1][..], &[2, 0][..]));
        let epoch = topology.epoch(0);
        let bereft = topology.leave(0);
        let promoted: Vec<_> = bereft.iter().filter(|one| one.promoted).collect();
        assert_eq!((bereft.len(), promoted.len()), (4, 2));
        assert_eq!((topology.replicas(0), topology.replicas(2)), (&[1][..], &[2][..]));
        assert_eq!((topology.epoch(0), topology.members_version), (epoch + 1, 2));
        // The other before there are backups again.
        assert_eq!(topology.leave(1).iter().filter(|one| one.lost).count(), 2);
        assert!((0..6).all(|partition| topology.owner(partition) == Some(2)));
        assert!(topology.leave(1).is_empty());
    }

    #[test]
    fn a_table_is_even_from_the_beginning() {
        for (members, partitions, backups) in
            (1..8).flat_map(|m| (1..25).flat_map(move |p| (0..4).map(move |b| (m, p, b))))
        {
            let topology = Topology::new((0..members).collect(), partitions, backups);
            assert_eq!((topology.moves_left(), topology.table_version), (0, 1));
        }
    }

    #[test]
    fn a_table_of_nobody() {
        let mut topology = Topology::new(vec![0], 3, 1);
        assert!(topology.leave(0).iter().all(|one| one.lost));
        assert_eq!((topology.owner(0), topology.next_move()), (None, None));
        topology.join(4);
        assert_eq!(topology.owner(2), Some(4));
    }
}
