//! Who sleeps where, and who stands by: the part of the protocol that happens under its lock.

/// Where a worker sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// On its own parker.
    Parker,
    /// In the shared driver: it takes the events of all.
    Driver,
}

/// How a worker is to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Bed {
    pub(crate) place: Place,
    /// The worker stands by: it gets up after the standby period and looks at the others.
    pub(crate) standby: bool,
}

/// Why a worker lies down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    /// It found nothing to do.
    Dry,
    /// It stood by, and saw another worker stuck: somebody has to wait in the driver meanwhile.
    Takeover,
    /// It stood by for so long, with everyone else asleep, that it need not any more.
    Deep,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sleepers {
    workers: usize,
    has_driver: bool,
    /// The workers asleep on their own parkers; the last to lie down is the first to be woken.
    parked: Vec<usize>,
    driving: Option<usize>,
    /// Who stands by, asleep or just looking.
    standby: Option<usize>,
}

impl Sleepers {
    pub(crate) fn new(workers: usize, has_driver: bool) -> Self {
        Sleepers {
            workers,
            has_driver,
            parked: Vec::with_capacity(workers),
            driving: None,
            standby: None,
        }
    }

    pub(crate) fn asleep(&self) -> usize {
        self.parked.len() + usize::from(self.driving.is_some())
    }

    pub(crate) fn is_asleep(&self, worker: usize) -> bool {
        self.bed(worker).is_some()
    }

    /// `worker` goes to sleep.
    ///
    /// The last one awake takes the driver; others leave it to those who are awake. While anyone
    /// is awake, one sleeper stands by.
    pub(crate) fn lie_down(&mut self, worker: usize, reason: Reason) -> Bed {
        debug_assert!(!self.is_asleep(worker));
        let others_awake = self.workers - self.asleep() - 1;
        let place = if self.has_driver
            && self.driving.is_none()
            && (others_awake == 0 || reason == Reason::Takeover)
        {
            self.driving = Some(worker);
            Place::Driver
        } else {
            self.parked.push(worker);
            Place::Parker
        };
        if self.standby == Some(worker) {
            if others_awake == 0 && reason == Reason::Deep {
                self.standby = None;
            }
        } else if self.standby.is_none() && others_awake > 0 {
            self.standby = Some(worker);
        }
        Bed { place, standby: self.standby == Some(worker) }
    }

    /// How `worker` sleeps; None if it does not.
    pub(crate) fn bed(&self, worker: usize) -> Option<Bed> {
        let standby = self.standby == Some(worker);
        if self.driving == Some(worker) {
            return Some(Bed { place: Place::Driver, standby });
        }
        self.parked.contains(&worker).then_some(Bed { place: Place::Parker, standby })
    }

    /// `worker` gets up by itself. False if somebody has woken it before.
    pub(crate) fn get_up(&mut self, worker: usize) -> bool {
        if self.driving == Some(worker) {
            self.driving = None;
            return true;
        }
        match self.parked.iter().rposition(|parked| *parked == worker) {
            Some(at) => {
                self.parked.remove(at);
                true
            }
            None => false,
        }
    }

    /// Takes a sleeper that `suits` out, to be woken for work. Those on parkers first: the driver stays
    /// attended, and a parker is cheaper to wake.
    pub(crate) fn wake_one(&mut self, suits: impl Fn(usize) -> bool) -> Option<(usize, Place)> {
        if let Some(at) = self.parked.iter().rposition(|worker| suits(*worker)) {
            return Some((self.parked.remove(at), Place::Parker));
        }
        let driving = self.driving.take_if(|worker| suits(*worker))?;
        Some((driving, Place::Driver))
    }

    /// `worker`, awake, starts to work. Whoever is returned stands by from now on, and is to be
    /// unparked so that it lies down again with a limit.
    pub(crate) fn activate(&mut self, worker: usize) -> Option<(usize, Place)> {
        debug_assert!(!self.is_asleep(worker));
        if self.standby == Some(worker) {
            self.standby = None;
        }
        if self.standby.is_some() {
            return None;
        }
        // The one that sleeps longest: the others are woken for work before it.
        let next = match self.parked.first() {
            Some(worker) => (*worker, Place::Parker),
            None => (self.driving?, Place::Driver),
        };
        self.standby = Some(next.0);
        Some(next)
    }

    /// Takes everyone out.
    pub(crate) fn wake_all(&mut self) -> Vec<(usize, Place)> {
        let mut woken: Vec<_> = self.parked.drain(..).map(|w| (w, Place::Parker)).collect();
        woken.extend(self.driving.take().map(|w| (w, Place::Driver)));
        woken
    }
}

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;
    use std::collections::{HashSet, VecDeque};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Worker {
        /// Polls tasks; has said so by `activate`.
        Working,
        /// Awake, but has not said so: looking for work, or a standby that looks.
        Looking,
        /// Has this bed, and is about to sleep in it.
        Lying(Bed),
        /// Asleep with this bed, for all it knows. Only then does it have the driver's lock.
        Asleep(Bed),
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct World {
        sleepers: Sleepers,
        workers: Vec<Worker>,
        /// Unparked its own parker, and not noticed it yet.
        unparked: Vec<bool>,
        /// Unparked the driver, and nobody noticed it yet.
        driver_unparked: bool,
    }

    impl World {
        fn check(&self) {
            let asleep = self.sleepers.asleep();
            for (i, worker) in self.workers.iter().enumerate() {
                // Nobody is counted as asleep who is not; who sleeps uncounted was unparked.
                if self.sleepers.is_asleep(i) {
                    assert!(matches!(worker, Worker::Lying(_) | Worker::Asleep(_)), "{self:?}");
                } else {
                    assert!(
                        !matches!(worker, Worker::Asleep(_)) || self.is_unparked(i),
                        "{self:?}"
                    );
                }
            }
            // While somebody works, somebody asleep stands by with a limit, or is about to.
            let works = self.workers.contains(&Worker::Working);
            if works && asleep > 0 {
                let standby = self.sleepers.standby;
                let looking = (0..self.workers.len()).any(|i| match self.workers[i] {
                    Worker::Working => false,
                    Worker::Looking => true,
                    // It was woken, and is going to look.
                    Worker::Lying(_) | Worker::Asleep(_) => !self.sleepers.is_asleep(i),
                });
                let guarded = standby.is_some_and(|s| match self.workers[s] {
                    Worker::Working => false,
                    Worker::Asleep(bed) => bed.standby || self.is_unparked(s),
                    Worker::Looking | Worker::Lying(_) => true,
                });
                assert!(guarded || looking, "nobody stands by: {self:?}");
            }
            // With everyone asleep, the driver is attended.
            if self.sleepers.has_driver && asleep == self.workers.len() {
                assert!(self.sleepers.driving.is_some(), "{self:?}");
            }
        }

        fn is_driven(&self) -> bool {
            let drives = |w: &Worker| matches!(w, Worker::Asleep(Bed { place: Place::Driver, .. }));
            self.workers.iter().any(drives)
        }

        fn is_unparked(&self, i: usize) -> bool {
            match self.workers[i] {
                Worker::Asleep(Bed { place: Place::Driver, .. }) => self.driver_unparked,
                _ => self.unparked[i],
            }
        }

        fn unpark(&mut self, woken: Option<(usize, Place)>) {
            match woken {
                Some((_, Place::Driver)) => self.driver_unparked = true,
                Some((worker, Place::Parker)) => self.unparked[worker] = true,
                None => {}
            }
        }

        fn get_up(&mut self, i: usize) {
            self.sleepers.get_up(i);
            self.workers[i] = Worker::Looking;
        }

        fn next(&self) -> Vec<World> {
            let mut all = Vec::new();
            let mut step = |f: &dyn Fn(&mut World)| {
                let mut world = self.clone();
                f(&mut world);
                all.push(world);
            };
            for i in 0..self.workers.len() {
                match self.workers[i] {
                    Worker::Working => step(&|w| w.workers[i] = Worker::Looking),
                    Worker::Looking => {
                        for reason in [Reason::Dry, Reason::Takeover, Reason::Deep] {
                            step(&|w| {
                                w.workers[i] = Worker::Lying(w.sleepers.lie_down(i, reason));
                            });
                        }
                        step(&|w| {
                            w.workers[i] = Worker::Working;
                            let standby = w.sleepers.activate(i);
                            w.unpark(standby);
                        });
                    }
                    Worker::Lying(bed) if bed.place == Place::Parker => {
                        step(&|w| w.workers[i] = Worker::Asleep(bed));
                    }
                    Worker::Lying(bed) => {
                        if self.sleepers.bed(i) != Some(bed) {
                            step(&|w| w.get_up(i));
                        } else if !self.is_driven() {
                            step(&|w| w.workers[i] = Worker::Asleep(bed));
                        }
                    }
                    Worker::Asleep(bed) if bed.place == Place::Parker => {
                        if self.unparked[i] || bed.standby {
                            step(&|w| {
                                w.unparked[i] = false;
                                w.get_up(i);
                            });
                        }
                    }
                    // An event may come at any time.
                    Worker::Asleep(_) => step(&|w| {
                        w.driver_unparked = false;
                        w.get_up(i);
                    }),
                }
            }
            step(&|w| {
                let woken = w.sleepers.wake_one(|_| true);
                w.unpark(woken);
            });
            if !self.is_driven() {
                // Somebody asks the driver without waiting, and swallows the wake.
                step(&|w| w.driver_unparked = false);
            }
            all
        }
    }

    /// Every state that up to four workers can reach, in any order of events.
    #[test]
    fn the_count_of_sleepers_is_the_set_and_somebody_stands_by() {
        for (workers, has_driver) in [(1, true), (2, true), (2, false), (3, true), (4, true)] {
            let start = World {
                sleepers: Sleepers::new(workers, has_driver),
                workers: vec![Worker::Looking; workers],
                unparked: vec![false; workers],
                driver_unparked: false,
            };
            let mut seen = HashSet::from([start.clone()]);
            let mut open = VecDeque::from([start]);
            while let Some(world) = open.pop_front() {
                world.check();
                for next in world.next() {
                    if seen.insert(next.clone()) {
                        open.push_back(next);
                    }
                }
            }
            assert!(seen.len() > workers, "{} states", seen.len());
        }
    }
}
