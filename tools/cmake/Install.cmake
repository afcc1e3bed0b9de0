# What `cmake --install` puts where, and the Debian package that `cpack` makes of it. Files that pipelines name by relative paths keep
# their places to each other in share/mitoloom; the program looks for them beside its own folder (engine/config/find_file.h).
include(GNUInstallDirs)
set(shared ${CMAKE_INSTALL_DATADIR}/mitoloom)

install(TARGETS mitoloom)
foreach(folder pipelines schemas data)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${shared})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/tools/python/mitoloom.py DESTINATION lib/python3/dist-packages)  # of Debian's python3

# For plug-ins: headers, with their folders, and find_package(mitoloom).
include(CMakePackageConfigHelpers)
include(PublicHeaders)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/mitoloom)
foreach(header IN LISTS MITO_PUBLIC_HEADERS)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${headers}/${folder})
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/include/engine/graph/plugin_abi.h DESTINATION ${headers}/engine/graph)
set(package ${PROJECT_BINARY_DIR}/package)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mitoloom-config.cmake.in ${package}/mitoloom-config.cmake
                              INSTALL_DESTINATION lib/cmake/mitoloom PATH_VARS headers)
write_basic_package_version_file(${package}/mitoloom-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package}/mitoloom-config.cmake ${package}/mitoloom-config-version.cmake
        DESTINATION lib/cmake/mitoloom)

# Completions ask the program itself; the pages are printed by it.
set(completions ${PROJECT_SOURCE_DIR}/tools/completions)
install(FILES ${completions}/mitoloom.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mitoloom)
install(FILES ${completions}/_mitoloom DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/mitoloom.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
foreach(page mitoloom.1 mitoloom-nodes.7)
  string(REGEX MATCH "[0-9]$" section ${page})
  get_filename_component(name ${page} NAME_WE)
  set(file ${PROJECT_BINARY_DIR}/man/${page})
  add_custom_command(OUTPUT ${file}
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
                     COMMAND mitoloom man ${name} > ${file}
                     DEPENDS mitoloom VERBATIM)
  list(APPEND pages ${file})
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
add_custom_target(manual ALL DEPENDS ${pages})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mitoloom)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "mitoloom <mitoloom@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds mitotic figures in whole-slide images (research use only)")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
# The reference BLAS, which else would do, takes many times as long.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libopenblas0-openmp | libopenblas0")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-numpy, python3-h5py, python3-pandas")
include(CPack)
