set(VECTOR_DEPS mito::stage_phh3_candidates)
