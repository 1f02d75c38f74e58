//! Names that newer ones have replaced still work.
#![allow(deprecated)]

mod support;

use futures::Future;
use support::*;
use tokio_timer::{timer, Deadline, DeadlineError};

#[test]
fn a_deadline_ends_what_is_late() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut late = Deadline::new(futures::future::empty::<(), ()>(), mock.now() + ms(10));
    let mut quick = mock.handle().deadline(futures::future::ok::<_, ()>(1), mock.now() + ms(10));
    assert!(task.poll(|_| late.poll()).unwrap().is_not_ready());
    assert!(task.poll(|_| quick.poll()).unwrap().is_ready());
    mock.advance(ms(10));
    assert!(task.poll(|_| late.poll()).unwrap_err().is_elapsed());
    late.get_ref();
    late.get_mut();
    let _ = late.into_inner();
    let mut fails = Deadline::new(futures::future::err::<(), _>("no"), mock.now() + ms(10));
    assert_eq!(task.poll(|_| fails.poll()).unwrap_err().into_inner(), Some("no"));
    drop(mock);
}

#[test]
fn deadline_errors_tell_what_happened() {
    let error = DeadlineError::<std::io::Error>::timer(tokio_timer::Error::shutdown());
    assert!(error.is_timer() && !error.is_inner() && !error.is_elapsed());
    assert!(error.to_string().contains("gone"));
    assert!(error.into_timer().unwrap().is_shutdown());
    assert!(DeadlineError::inner(1).is_inner());
    let _: &dyn std::error::Error = &DeadlineError::<std::io::Error>::elapsed();
}

#[test]
fn the_clock_of_a_timer_has_its_former_name() {
    let mut now = timer::SystemNow::new();
    let _ = timer::Now::now(&mut now);
}
