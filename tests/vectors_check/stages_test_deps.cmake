set(VECTOR_DEPS mito::image mito::stats mito::stage_tissue_mask mito::stage_he_candidates mito::stage_objects
    mito::stage_grade)
