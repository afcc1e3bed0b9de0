set(VECTOR_DEPS mito::image mito::stage_tissue_mask mito::stage_he_candidates mito::stage_objects
    mito::stage_hotspot mito::stage_grade)
