//! What is to be sent over a connection, and what was.

use crate::stress::fault::{self, Fault};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use crate::stress::way::Way;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Which end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    pub(super) fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// How a connection is broken off.
#[derive(Clone, Copy, Debug)]
pub(super) enum Violence {
    /// The client goes away before it has said who it is.
    BeforeHello,
    /// This side, having sent so much, resets the connection.
    Reset(Side, u64),
    /// This side, having sent so much, closes its socket, whatever may be unread.
    Vanish(Side, u64),
    /// The client's task is aborted at some time.
    Abort,
}

/// What is to be sent over a connection, and what was.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) id: u64,
    pub(super) violence: Option<Violence>,
    by_client: Way,
    by_server: Way,
    greeted: AtomicBool,
    /// What goes wrong with a byte that the client sends, on purpose.
    pub(super) fault: Option<Fault>,
}

impl Plan {
    pub(super) fn new(id: u64, random: &mut Random) -> Plan {
        let [by_client, by_server] = [(); 2].map(|()| Way::any(random));
        let mut at = |len: u64| random.within(0..=len);
        let (early, late) = (at(by_client.len), at(by_server.len));
        let violence = match random.within(0..=23) {
            0 => Some(Violence::BeforeHello),
            1 | 2 => Some(Violence::Reset(Side::Client, early)),
            3 | 4 => Some(Violence::Reset(Side::Server, late)),
            5 => Some(Violence::Vanish(Side::Client, early)),
            6 => Some(Violence::Vanish(Side::Server, late)),
            7 | 8 => Some(Violence::Abort),
            _ => None,
        };
        let mut plan = Plan {
            id,
            violence,
            by_client,
            by_server,
            greeted: AtomicBool::new(false),
            fault: None,
        };
        if let Some(fault) = fault::strikes_a_byte() {
            // Where all bytes have to arrive.
            (plan.violence, plan.fault) = (None, Some(fault));
            plan.by_client.len = plan.by_client.len.max(1);
        }
        plan
    }

    /// What `side` sends.
    pub(super) fn way(&self, side: Side) -> &Way {
        match side {
            Side::Client => &self.by_client,
            Side::Server => &self.by_server,
        }
    }

    /// How many bytes `side` sends before it ends the connection by violence, or in all.
    pub(super) fn limit(&self, side: Side) -> u64 {
        match self.violence {
            Some(Violence::Reset(by, at) | Violence::Vanish(by, at)) if by == side => at,
            _ => self.way(side).len,
        }
    }

    /// The server knows whom it talks to. False if it has known before.
    pub(super) fn greet(&self) -> bool {
        !self.greeted.swap(true, Relaxed)
    }

    /// After both ends are gone: was all received that had to be? Returns how much was.
    pub(super) fn audit(&self, scope: &Scope) -> u64 {
        let gentle = self.violence.is_none();
        for way in [&self.by_client, &self.by_server] {
            let (written, read) = (way.written.load(Relaxed), way.read.load(Relaxed));
            let whole = read == way.len && written == way.len && way.ended.load(Relaxed);
            let holds = read <= written && written <= way.len && (whole || !gentle);
            scope.check(holds, format_args!("not all was received: {self:?}"));
        }
        scope.check(!gentle || self.greeted.load(Relaxed), format_args!("not greeted: {self:?}"));
        self.by_client.read.load(Relaxed) + self.by_server.read.load(Relaxed)
    }

    /// A line about a connection that has not come to its end.
    pub(super) fn unfinished(&self) -> Option<String> {
        let done = |way: &Way| way.ended.load(Relaxed) && way.read.load(Relaxed) == way.len;
        let over = self.violence.is_some() || done(&self.by_client) && done(&self.by_server);
        (!over).then(|| format!("{self:?}"))
    }
}
