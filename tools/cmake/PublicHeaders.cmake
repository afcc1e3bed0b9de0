# The headers that a plug-in may include: what a node needs (docs/plugins.md). A change of one of them is another ABI.
file(GLOB MITO_PUBLIC_HEADERS CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/engine/types/*.h)
list(FILTER MITO_PUBLIC_HEADERS EXCLUDE REGEX "json|report")  # plug-ins need no package of others
foreach(header
        core/atomic_file core/csv_table core/described core/description core/digest core/error core/file_digests core/foresight
        core/input_files core/output_file core/params core/payload core/random core/record core/seen_files core/text core/text_arrays
        config/param_io config/value
        graph/node graph/node_type graph/packet graph/plugin
        slide/recolouring slide/slide)
  list(APPEND MITO_PUBLIC_HEADERS engine/${header}.h)
endforeach()
