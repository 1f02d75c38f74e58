//! Closures that may block, each awaited before the next.

use super::{measure_std, Sample};
use crate::peer::Std;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |rounds| async move {
        for round in 0..rounds {
            assert_eq!(R::spawn_blocking(move || round).await, round);
        }
    })
}
