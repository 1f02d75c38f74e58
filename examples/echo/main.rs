//! The example is `../echo.rs`. It keeps the layout that it has always had: rustfmt, which would
//! change it, does not look into what is included.

include!("../echo.rs");
