//! `#[tokio::test]`, and what stays as it was.

use std::rc::Rc;
use tokio::runtime::Handle;
use tokio::time::{sleep, Duration};

#[tokio::test(flavor = "multi_thread")]
async fn a_test_spawns_and_sleeps() {
    let task = tokio::spawn(async {
        sleep(Duration::from_millis(1)).await;
        1
    });
    assert_eq!(task.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_body_need_not_be_send() {
    let not_send = Rc::new(1);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(*not_send, 1);
    assert!(Handle::try_current().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_are_returned() -> Result<(), Box<dyn std::error::Error>> {
    let n: u32 = "17".parse()?;
    assert_eq!(n, 17);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "as it should")]
async fn other_attributes_are_kept() {
    panic!("as it should");
}

/// Programs of before may import all macros of `tokio`, `test` among them.
mod all_imported {
    #[allow(unused_imports)]
    use tokio::*;

    #[tokio::test]
    fn an_ordinary_test_stays_one() {
        assert!(super::Handle::try_current().is_err());
    }
}

macro_rules! made_by_a_macro {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident -> $output:ty $body:block)+) => {
        $(
            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            $visibility async fn $name() -> $output $body
        )+
    };
}

made_by_a_macro! {
    made_by_a_macro_without_visibility -> () {
        tokio::task::yield_now().await;
    }

    /// Documented, as it is public.
    pub made_by_a_macro_for_all -> Result<(), std::fmt::Error> {
        tokio::task::yield_now().await;
        Ok(())
    }

    /// With attributes.
    #[should_panic(expected = "as it should")]
    pub(crate) made_by_a_macro_for_the_crate -> () {
        tokio::task::yield_now().await;
        panic!("as it should");
    }
}
