//! Pictures.

use crate::rounds::Curve;
use benches::peer::Peer;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

/// What a picture shows.
pub(crate) struct Picture<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
    pub(crate) curves: Vec<(Peer, Curve)>,
}

impl Picture<'_> {
    /// Draws it as an SVG file, both axes logarithmic.
    pub(crate) fn draw(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let points = || self.curves.iter().flat_map(|(_, curve)| curve.iter().copied());
        let (x, y) = (range(points().map(|p| p.0)), range(points().map(|p| p.1)));
        let root = SVGBackend::new(path, (760, 460)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(70)
            .build_cartesian_2d((x.0..x.1).log_scale(), (y.0..y.1).log_scale())?;
        chart.configure_mesh().x_desc(self.x).y_desc(self.y).light_line_style(WHITE).draw()?;
        for (peer, curve) in &self.curves {
            let color = color(*peer);
            let wide = if matches!(peer, Peer::Ours | Peer::OursFutures01) { 3 } else { 1 };
            let line = LineSeries::new(curve.iter().copied(), color.stroke_width(wide));
            chart
                .draw_series(line)?
                .label(peer.name())
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color));
            let dots = curve.iter().map(|point| Circle::new(*point, wide + 1, color.filled()));
            chart.draw_series(dots)?;
        }
        let labels = &mut chart.configure_series_labels();
        labels.background_style(WHITE).border_style(BLACK).draw()?;
        root.present()?;
        Ok(())
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::MAX, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    (low / 1.3, high * 1.3)
}

fn color(peer: Peer) -> RGBColor {
    match peer {
        Peer::Ours => RGBColor(200, 30, 30),
        Peer::OursFutures01 => RGBColor(240, 140, 20),
        Peer::Tokio1 => RGBColor(30, 80, 200),
        Peer::Tokio1CurrentThread => RGBColor(110, 170, 240),
        Peer::Tokio01 => RGBColor(120, 60, 160),
        Peer::Smol => RGBColor(40, 150, 70),
        Peer::Epoll => RGBColor(90, 90, 90),
    }
}
