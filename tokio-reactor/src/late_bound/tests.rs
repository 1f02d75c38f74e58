//! The same for each kind of place, whichever this system uses.

use super::*;
use crate::late_bound::locked::Locked;
use crate::Reactor;
use std::net::UdpSocket;
use std::sync::Arc;
use std::task::Waker;

const NOBODY: Caller<'static> = Caller::Std(Waker::noop());

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

macro_rules! tests_of {
    ($module:ident, $Place:ty) => {
        mod $module {
            use super::*;

            type Place = $Place;

            #[test]
            fn a_source_is_shown_before_and_after_it_is_bound() {
                let reactor = Reactor::new().unwrap();
                let io = socket();
                let address = io.local_addr().unwrap();
                let place = Place::new(io, false);
                assert_eq!(place.with(|io| io.local_addr()).unwrap(), address);
                assert!(place.bound().is_none());
                assert!(reactor.is_idle());
                let (io, _) = place.bind(&reactor.handle()).unwrap();
                assert_eq!(io.local_addr().unwrap(), address);
                assert!(!reactor.is_idle());
                assert_eq!(place.with(|io| io.local_addr()).unwrap(), address);
                assert_eq!(place.bound().unwrap().0.local_addr().unwrap(), address);
            }

            #[test]
            fn it_is_bound_once() {
                let (first, second) = (Reactor::new().unwrap(), Reactor::new().unwrap());
                let place = Place::new(socket(), false);
                place.bind(&first.handle()).unwrap();
                place.bind(&second.handle()).unwrap();
                assert!(!first.is_idle() && second.is_idle());
            }

            #[test]
            fn a_refused_binding_keeps_it() {
                let place = Place::new(socket(), false);
                let gone = Reactor::new().unwrap().handle();
                assert_eq!(place.bind(&gone).unwrap_err().to_string(), "reactor gone");
                assert!(place.bound().is_none());
                let reactor = Reactor::new().unwrap();
                place.bind(&reactor.handle()).unwrap();
                assert!(!reactor.is_idle());
            }

            /// Also where the source notes that it was to be registered.
            #[cfg(target_os = "linux")]
            #[test]
            fn what_the_system_refuses_it_refuses_again_for_the_same_reason() {
                let file = std::fs::File::open("/proc/self/exe").unwrap();
                let place = Place::new(std::os::fd::OwnedFd::from(file).into(), false);
                let reactor = Reactor::new().unwrap();
                for _ in 0..2 {
                    let error = place.bind(&reactor.handle()).unwrap_err();
                    assert_eq!(error.raw_os_error(), Some(libc::EPERM), "{error}");
                    assert!(reactor.is_idle());
                }
            }

            #[test]
            fn it_comes_back_and_goes_to_another_reactor() {
                let (first, second) = (Reactor::new().unwrap(), Reactor::new().unwrap());
                let unbound = Place::new(socket(), false).take().unwrap();
                for shared in [false, true] {
                    let place = Place::new(socket(), shared);
                    place.bind(&first.handle()).unwrap();
                    let io = place.take().unwrap();
                    assert!(first.is_idle());
                    let place = Place::new(io, shared);
                    // Still registered with the first, it would be refused where one queue is all.
                    place.bind(&first.handle()).unwrap();
                    let place = Place::new(place.take().unwrap(), shared);
                    place.bind(&second.handle()).unwrap();
                    assert!(!second.is_idle());
                    drop(place);
                    assert!(second.is_idle());
                }
                drop(unbound);
            }

            #[test]
            fn what_is_reported_of_it_is_seen_by_who_waits() {
                let reactor = Reactor::new().unwrap();
                let place = Place::new(socket(), false);
                let (_, binding) = place.bind(&reactor.handle()).unwrap();
                let read = || binding.poll_reported(NOBODY, Direction::Read, Flags::REPORTED);
                assert!(read().is_pending());
                place.report(Ready::closed_by(Shutdown::Read));
                let Poll::Ready(Ok(seen)) = read() else { panic!("it is closed") };
                assert!(seen.ready(Direction::Read).is_read_closed());
            }

            /// Also if the system does not tell.
            #[test]
            fn what_was_reported_before_it_was_bound_is_seen() {
                let reactor = Reactor::new().unwrap();
                for (how, seen) in
                    [(Shutdown::Read, [true, false]), (Shutdown::Write, [false, true])]
                {
                    let place = Place::new(socket(), false);
                    place.report(Ready::closed_by(how));
                    let (_, binding) = place.bind(&reactor.handle()).unwrap();
                    let is_closed =
                        |direction| match binding.poll_reported(NOBODY, direction, Flags::ENDED) {
                            Poll::Ready(seen) => {
                                let ready = seen.unwrap().ready(direction);
                                ready.is_read_closed() || ready.is_write_closed()
                            }
                            Poll::Pending => false,
                        };
                    assert_eq!([is_closed(Direction::Read), is_closed(Direction::Write)], seen);
                }
            }

            #[test]
            fn dropping_it_frees_its_slot_shared_or_not() {
                let reactor = Reactor::new().unwrap();
                for shared in [false, true] {
                    for share in [false, true] {
                        let place = Place::new(socket(), shared);
                        drop(Place::new(socket(), shared));
                        place.bind(&reactor.handle()).unwrap();
                        if share {
                            place.share();
                        }
                        assert!(!reactor.is_idle());
                        drop(place);
                        assert!(reactor.is_idle());
                    }
                }
            }

            #[test]
            fn threads_that_bind_it_at_once_bind_it_once_and_wait_by_the_same_binding() {
                let background = Reactor::new().unwrap().background().unwrap();
                for _ in 0..50 {
                    let place = Arc::new(Place::new(socket(), false));
                    let threads = [(); 3].map(|()| {
                        let (place, handle) = (place.clone(), background.handle().clone());
                        std::thread::spawn(move || {
                            let (_, binding) = place.bind(&handle).unwrap();
                            std::ptr::from_ref(binding) as usize
                        })
                    });
                    let [a, b, c] = threads.map(|thread| thread.join().unwrap());
                    assert!(a == b && b == c);
                    let (io, binding) = place.bound().unwrap();
                    let to = io.local_addr().unwrap();
                    let sent = binding.poll_op(NOBODY, Direction::Write, || io.send_to(b"x", to));
                    assert!(matches!(sent, Poll::Ready(Ok(1))), "{sent:?}");
                }
            }
        }
    };
}

#[cfg(unix)]
tests_of!(in_place, crate::late_bound::in_place::InPlace<UdpSocket>);
tests_of!(locked, Locked<UdpSocket>);
