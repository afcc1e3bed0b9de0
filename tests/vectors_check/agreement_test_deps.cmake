set(VECTOR_DEPS mito::stats)
