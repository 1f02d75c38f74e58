//! `inbox` under every interleaving.
