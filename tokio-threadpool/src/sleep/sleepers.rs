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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        self.driving == Some(worker) || self.parked.contains(&worker)
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

    /// Takes a sleeper out, to be woken for work. Those on parkers first: the driver stays
    /// attended, and a parker is cheaper to wake.
    pub(crate) fn wake_one(&mut self) -> Option<(usize, Place)> {
        let woken = match self.parked.pop() {
            Some(worker) => (worker, Place::Parker),
            None => (self.driving.take()?, Place::Driver),
        };
        Some(woken)
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::{HashSet, VecDeque};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Worker {
        /// Polls tasks; has said so by `activate`.
        Working,
        /// Awake, but has not said so: looking for work, or a standby that looks.
        Looking,
        /// Asleep with this bed, for all it knows.
        Asleep(Place, bool),
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct World {
        sleepers: Sleepers,
        workers: Vec<Worker>,
        /// Unparked, and not noticed it yet.
        unparked: Vec<bool>,
    }

    impl World {
        fn check(&self) {
            let asleep = self.sleepers.asleep();
            let lying = |w: &Worker| matches!(w, Worker::Asleep(..));
            for (i, worker) in self.workers.iter().enumerate() {
                // Nobody is counted as asleep who is not; who lies there uncounted was unparked.
                if self.sleepers.is_asleep(i) {
                    assert!(lying(worker), "{self:?}");
                } else {
                    assert!(!lying(worker) || self.unparked[i], "{self:?}");
                }
            }
            // While somebody works, somebody asleep stands by with a limit, or is about to.
            let works = self.workers.contains(&Worker::Working);
            if works && asleep > 0 {
                let standby = self.sleepers.standby;
                let looking =
                    self.workers.contains(&Worker::Looking)
                        || self.workers.iter().enumerate().any(|(i, w)| {
                            lying(w) && !self.sleepers.is_asleep(i) && self.unparked[i]
                        });
                let guarded = standby.is_some_and(|s| {
                    matches!(self.workers[s], Worker::Asleep(_, true) | Worker::Looking)
                        || self.unparked[s]
                });
                assert!(guarded || looking, "nobody stands by: {self:?}");
            }
            // With everyone asleep, the driver is attended.
            if self.sleepers.has_driver && asleep == self.workers.len() {
                assert!(self.sleepers.driving.is_some(), "{self:?}");
            }
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
                                let bed = w.sleepers.lie_down(i, reason);
                                w.workers[i] = Worker::Asleep(bed.place, bed.standby);
                            });
                        }
                        step(&|w| {
                            w.workers[i] = Worker::Working;
                            if let Some((standby, _)) = w.sleepers.activate(i) {
                                w.unparked[standby] = true;
                            }
                        });
                    }
                    Worker::Asleep(place, limit) => {
                        if self.unparked[i] || limit || place == Place::Driver {
                            step(&|w| {
                                w.unparked[i] = false;
                                w.sleepers.get_up(i);
                                w.workers[i] = Worker::Looking;
                            });
                        }
                    }
                }
            }
            step(&|w| {
                if let Some((woken, _)) = w.sleepers.wake_one() {
                    w.unparked[woken] = true;
                }
            });
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
