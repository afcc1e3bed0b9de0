# Every outside library, from Debian 12 packages (docs/adr/0001-toolchain.md).
set(TORCH_PIP_DIR "" CACHE PATH
    "torch package folder of a Python installation, used instead of find_package(Torch)")

find_package(Threads REQUIRED)
find_package(TBB REQUIRED)
find_package(yaml-cpp REQUIRED)  # target yaml-cpp in 0.7, yaml-cpp::yaml-cpp from 0.8
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(spdlog REQUIRED)
find_package(HDF5 1.10 REQUIRED COMPONENTS C)  # the C interface: the C++ one is not thread-safe
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs)
set(OpenCV_LIBS opencv_core opencv_imgproc)  # opencv_dnn: of mito::nn only; opencv_imgcodecs: of mito_codecs and tests
find_package(PkgConfig REQUIRED)
pkg_check_modules(OPENSLIDE REQUIRED IMPORTED_TARGET openslide)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
add_library(mito_highway INTERFACE)
add_library(mito::highway ALIAS mito_highway)
target_link_libraries(mito_highway INTERFACE PkgConfig::HWY)
find_package(TIFF REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Freetype REQUIRED)
find_file(MITO_FONT DejaVuSans.ttf PATHS /usr/share/fonts/truetype/dejavu REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(pugixml REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()

if(MITO_TORCH)
  add_library(mito_torch INTERFACE)
  add_library(mito::torch ALIAS mito_torch)
  if(TORCH_PIP_DIR)
    # A pip wheel without its CMake package: needs neither nvcc nor the CUDA toolkit's headers.
    target_include_directories(mito_torch SYSTEM INTERFACE
      ${TORCH_PIP_DIR}/include ${TORCH_PIP_DIR}/include/torch/csrc/api/include)
    foreach(lib torch torch_cpu c10 torch_cuda c10_cuda)
      find_library(TORCH_LIB_${lib} ${lib} PATHS ${TORCH_PIP_DIR}/lib NO_DEFAULT_PATH)
      if(TORCH_LIB_${lib})
        # no-as-needed: the linker would drop torch_cuda, and torch::cuda::is_available() be false
        target_link_libraries(mito_torch INTERFACE
          "-Wl,--no-as-needed,${TORCH_LIB_${lib}},--as-needed")
      endif()
    endforeach()
    target_link_options(mito_torch INTERFACE "-Wl,-rpath,${TORCH_PIP_DIR}/lib")
    target_link_libraries(mito_torch INTERFACE Threads::Threads)
  else()
    find_package(Torch REQUIRED)
    target_link_libraries(mito_torch INTERFACE ${TORCH_LIBRARIES})
  endif()
endif()
