//! TLS for one run of a program.

use crate::Error;
use futures_rustls::pki_types::PrivatePkcs8KeyDer;
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector};
use rcgen::{generate_simple_self_signed, CertifiedKey};
use std::sync::Arc;

/// A server side with a new certificate for `localhost`, and a client side that trusts it, and nothing
/// else.
///
/// # Errors
///
/// None, unless the libraries have changed.
pub fn self_signed() -> Result<(TlsAcceptor, TlsConnector), Error> {
    let CertifiedKey { cert, key_pair } = generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(key_pair.serialize_der());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())?;

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone())?;
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok((Arc::new(server).into(), Arc::new(client).into()))
}
