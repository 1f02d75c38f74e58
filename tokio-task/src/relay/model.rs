//! `relay` under every interleaving.
