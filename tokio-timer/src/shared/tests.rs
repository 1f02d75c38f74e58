//! What takes a timer with little room.

use super::*;
use crate::dues::Fate;
use std::task::Waker;
use tokio_executor::park::{Park, ParkThread};

#[test]
fn a_timer_that_is_full_refuses_waits_until_some_have_ended() {
    let unpark = Box::new(ParkThread::new().unpark());
    let shared = Shared::with_limit(Instant::now(), unpark, 3);
    let caller = Caller::Std(Waker::noop());
    let keys: Vec<_> = (1..=3).map(|due| shared.register(due, caller).unwrap()).collect();
    assert!(shared.register(4, caller).unwrap_err().is_at_capacity());
    shared.free(keys[1]);
    let key = shared.register(4, caller).unwrap();
    assert_eq!(shared.fate(key), Fate::Waiting(4));
    assert!(shared.register(4, caller).unwrap_err().is_at_capacity());
    let mut panics = Panics::none();
    shared.fire(4, &mut Vec::new(), &mut panics);
    panics.resume();
    assert_eq!(shared.fate(key), Fate::Fired);
    // What has fired keeps its place until its owner gives it up.
    assert!(shared.register(5, caller).unwrap_err().is_at_capacity());
    shared.register_again(key, 5, caller).unwrap();
    keys.iter().step_by(2).for_each(|key| shared.free(*key));
    shared.register(5, caller).unwrap();
}
