//! Mistakes in the body of an `async fn main` are shown where they are.

#[tokio::main]
async fn main() -> Result<(), std::num::ParseIntError> {
    let n: u32 = "17".parse()?;
    n
}

#[tokio::main]
async fn no_output() {
    let _: u32 = "17".parse()?;
}

#[tokio::main(crate = "nowhere")]
async fn no_such_crate() {}
