#pragma once

/// In front of a function: compiled twice, for any x86-64 and for AVX2, and chosen when the program
/// starts. Neither version fuses a multiplication with an addition, so both give the same bits.
/// Sanitizers run before the choice can be made; there the function is compiled once.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define MITO_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define MITO_CLONES
#endif

/// In front of a function that MITO_CLONES functions call: becomes part of each.
#define MITO_INLINE __attribute__((always_inline)) inline
