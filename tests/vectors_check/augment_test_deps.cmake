set(VECTOR_DEPS mito::augmentation)
