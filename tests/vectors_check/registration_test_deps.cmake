set(VECTOR_DEPS mito::registration)
