//! Medians, percentiles and ratios of pairs.

/// The middle of some figures; the mean of the two in the middle of an even number.
///
/// # Panics
///
/// If there is none.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// The smallest of the sorted figures that at least this share of them does not exceed.
///
/// # Panics
///
/// If there is none.
pub fn percentile<T: Copy>(sorted: &[T], share: f64) -> T {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// What pairs of measurements say: ratios, each of two that were taken in the same round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The median of the ratios.
    pub median: f64,
    /// The lower and the upper quartile: the noise.
    pub quartiles: (f64, f64),
}

impl Ratio {
    /// Of `figures` to those of the same place in `bases`.
    pub fn of(figures: &[f64], bases: &[f64]) -> Ratio {
        let ratios: Vec<f64> = figures.iter().zip(bases).map(|(a, b)| a / b).collect();
        let mut sorted = ratios.clone();
        sorted.sort_by(f64::total_cmp);
        Ratio {
            median: median(&ratios),
            quartiles: (percentile(&sorted, 0.25), percentile(&sorted, 0.75)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
    }

    #[test]
    fn percentiles_are_figures_that_occurred() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 0.5), 50);
        assert_eq!(percentile(&sorted, 0.99), 99);
        assert_eq!(percentile(&sorted, 1.0), 100);
        assert_eq!(percentile(&sorted, 0.0), 1);
        assert_eq!(percentile(&[5], 0.99), 5);
    }

    #[test]
    fn a_ratio_is_taken_pair_by_pair() {
        // The machine was half as fast in the second round.
        let ratio = Ratio::of(&[1.0, 2.0, 3.0], &[2.0, 4.0, 3.0]);
        assert_eq!(ratio.median, 0.5);
        assert_eq!(ratio.quartiles, (0.5, 1.0));
    }
}
