//! A type of one's own that is a future of both generations does not say which one is meant.

struct Both;

impl futures::Future for Both {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> futures::Poll<(), ()> {
        Ok(futures::Async::Ready(()))
    }
}

impl std::future::Future for Both {
    type Output = ();

    fn poll(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        std::task::Poll::Ready(())
    }
}

fn main() {
    tokio::spawn(Both);
}
